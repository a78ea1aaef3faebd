//! PHP.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"<html><?php
namespace Example\Shop;

use Example\Base\Store as Base;
use Example\{Item, Coord as C};
use function Example\helper;

require_once 'lib.php';

const LIMIT = 10;
$global = LIMIT;

/**
 * A basket.
 */
#[Entity(name: "b")]
abstract class Basket extends Base implements \Countable, Named
{
    use Logs, Counts;
    public const MAX = 1, MIN = self::MAX;
    /** Its items. */
    private ?array $items = [], $spare;

    public function __construct(private readonly Item $owner, int $limit = Limits::DEFAULT, string ...$tags)
    {
        parent::__construct($limit);
        $this->items = $tags;
        $this->late = new Item($limit);
    }

    abstract protected function size(): int;

    /** Runs. */
    public static function run(Item|C $item): static
    {
        foreach ($item->all() as $key => $value) { echo "$key is {$value->name}"; }
        try { $item?->owner->go(self::MAX); } catch (Oops | Fault $e) { throw $e; }
        [$a, $b] = helper($item);
        $f = fn($x) => $x + $a;
        static::$count++;
        return $item instanceof Item ? Example\make($f) : namespace\other();
    }
}

enum Suit: string implements Named { case Hearts = 'h'; const Wild = self::Hearts; }
interface Named { function name(): string; }
trait Logs { protected $log; }
function top(array &$list, $n = LIMIT) { global $global; return $list[$n]; }
"#;

#[test]
fn fixture() {
    check(
        Language::Php,
        SOURCE,
        expect![[r#"
            2:19 namespace Shop [2-2] namespace Example\Shop
            10:7 constant LIMIT [10-10] const LIMIT = 10
            11:2 variable global: =LIMIT [11-11] $global = LIMIT
            17:16 class Basket < Base, Countable, Named, Logs, Counts [16-43] abstract class Basket extends Base implements \Countable, Named // A basket.
            20:18 constant Basket.MAX [20-20] public const MAX = 1
            20:27 constant Basket.MIN [20-20] MIN = self::MAX
            22:21 field Basket.items: array [22-22] private ?array $items = [], $spare // Its items.
            22:34 field Basket.spare: array [22-22] private ?array $items = [], $spare // Its items.
            24:21 constructor Basket.__construct [24-29] public function __construct(private readonly Item $owner, int $limit = Limits::DEFAULT, string ...$tags)
            24:56 field Basket.owner: Item [24-24] private readonly Item $owner
            28:16 field Basket.late: =Item() [28-28] $this->late = new Item($limit)
            31:33 method Basket.size: int [31-31] abstract protected function size(): int
            34:28 method Basket.run: static [34-42] public static function run(Item|C $item): static // Runs.
            45:6 enum Suit < Named [45-45] enum Suit: string implements Named
            45:43 variant Suit.Hearts [45-45] case Hearts = 'h'
            45:63 constant Suit.Wild [45-45] const Wild = self::Hearts
            46:11 interface Named [46-46] interface Named
            46:28 method Named.name: string [46-46] function name(): string
            47:7 trait Logs [47-47] trait Logs
            47:25 field Logs.log [47-47] protected $log
            48:10 function top [48-48] function top(array &$list, $n = LIMIT)
            4:5 import Example\Base "Store" as Base
            5:14 import Example "Item"
            5:20 import Example "Coord" as C
            6:14 import Example "helper"
            8:14 import lib.php "*"
        "#]],
        expect![[r#"
            2 in Shop: read Example,
            4 in -: import Example, import Base, import Example\Base|Store, import Base,
            5 in -: import Example, import Item, import Coord, import C,
            6 in -: import Example, import Example|helper,
            11 in -: read LIMIT,
            16 in Basket: decorate Entity, write :|name,
            17 in Basket: inherit Base, inherit Countable, inherit Named,
            19 in Basket: inherit Logs, inherit Counts,
            20 in Basket.MIN: read self|MAX,
            24 in Basket.__construct: type Item, parameter limit: int, read Limits, read Limits|DEFAULT, parameter tags,
            26 in Basket.__construct: call parent|__construct, read limit^24,
            27 in Basket.__construct: read this, write this|items, read tags^24,
            28 in Basket.__construct: read this, call Item, read limit^24,
            34 in Basket.run: type Item, type C, parameter item: Item|C, type static,
            36 in Basket.run: read item^34, call item|all, local key, local value, read key^36, read value^36, read value|name,
            37 in Basket.run: read item^34, read item|owner, call item->owner|go, read self|MAX, type Oops, type Fault, local e: Oops|Fault, read e^37,
            38 in Basket.run: local a, local b, call helper, read item^34,
            39 in Basket.run: local f, parameter x, read x^39, read a^38,
            40 in Basket.run: write static|count,
            41 in Basket.run: read item^34, read Item, read Example, call Example|make, read f^39, call namespace|other,
            45 in Suit: inherit Named,
            45 in Suit.Wild: read self|Hearts,
            48 in top: parameter list: array, parameter n, read LIMIT, write global, read list^48, read n^48,
        "#]],
    );
}
