//! PHP.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.php
<?php
function run($limit, array $rest) {
  $total = «$limit»;
  foreach ($rest as $key => $item) { use_it(«$item», «$key»); }
  $f = function ($x) use ($total) { return «$x» + «$total»; };
  $g = fn($y) => «$y» + «$limit»;
  return «$total» + «helper»();
}
function helper() { return «$total»; }
"##,
        expect![[r#"
            a.php:3 $limit → parameter limit a.php:2 by scope
            a.php:4 $item → local item a.php:4 by scope
            a.php:4 $key → local key a.php:4 by scope
            a.php:5 $x → parameter x a.php:5 by scope
            a.php:5 $total → local total a.php:3 by scope
            a.php:6 $y → parameter y a.php:6 by scope
            a.php:6 $limit → parameter limit a.php:2 by scope
            a.php:7 $total → local total a.php:3 by scope
            a.php:7 helper → function helper a.php:9 by file
            a.php:9 $total → nothing
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- src/Pool.php
<?php
namespace Shop;
class Base { protected Pool $pool; public function close() {} public static int $count; const LIMIT = 1; }
interface Getter { public function get(): int; }
trait Helps { public function help() { return $this->«get»(); } }
class Pool extends «Base» implements «Getter» {
  use «Helps»;
  private array $names = [];
  public function __construct(private Base $base, $other = null) {
    $this->«close»(); parent::«close»(); $this->«pool»->«get»(); $this->base->«close»();
    $this->«help»();
  }
  public function get(): int { return self::«LIMIT» + static::$«count» + $this->names->«get»(); }
  public static function make(): static { return new «self»(); }
}
function helper() {}
--- src/app.php
<?php
namespace App;
use Shop\Pool;
use Shop\Base as Root;
use function Shop\helper;
class App {
  private ?Pool $pool;
  public function run(Pool $other, $unknown) {
    $this->pool->«get»();
    $other->«help»();
    $unknown->«get»();
    $local = new «Pool»();
    $local->«close»();
    Pool::«make»()->«get»();
    Root::«LIMIT»;
    \Shop\Pool::«make»();
    «helper»();
    $this->«run»($other, 1);
    array_map(«$local», []);
  }
}
"##,
        expect![[r#"
            src/Pool.php:5 get → any of method Getter.get src/Pool.php:4, method Pool.get src/Pool.php:13
            src/Pool.php:6 Base → class Base src/Pool.php:3 by file
            src/Pool.php:6 Getter → interface Getter src/Pool.php:4 by file
            src/Pool.php:7 Helps → trait Helps src/Pool.php:5 by file
            src/Pool.php:10 close → method Base.close src/Pool.php:3 by scope
            src/Pool.php:10 close → method Base.close src/Pool.php:3 by scope
            src/Pool.php:10 pool → field Base.pool src/Pool.php:3 by scope
            src/Pool.php:10 get → method Pool.get src/Pool.php:13 by type
            src/Pool.php:10 close → method Base.close src/Pool.php:3 by type
            src/Pool.php:11 help → method Helps.help src/Pool.php:5 by scope
            src/Pool.php:13 LIMIT → constant Base.LIMIT src/Pool.php:3 by scope
            src/Pool.php:13 count → field Base.count src/Pool.php:3 by scope
            src/Pool.php:13 get → nothing, from outside
            src/Pool.php:14 self → class Pool src/Pool.php:6 by scope
            src/app.php:9 get → method Pool.get src/Pool.php:13 by type
            src/app.php:10 help → method Helps.help src/Pool.php:5 by type
            src/app.php:11 get → any of method Getter.get src/Pool.php:4, method Pool.get src/Pool.php:13
            src/app.php:12 Pool → class Pool src/Pool.php:6 by import
            src/app.php:13 close → method Base.close src/Pool.php:3 by type
            src/app.php:14 make → method Pool.make src/Pool.php:14 by import
            src/app.php:14 get → method Pool.get src/Pool.php:13 by import
            src/app.php:15 LIMIT → constant Base.LIMIT src/Pool.php:3 by import
            src/app.php:16 make → method Pool.make src/Pool.php:14 by import
            src/app.php:17 helper → function helper src/Pool.php:16 by import
            src/app.php:18 run → method App.run src/app.php:8 by scope
            src/app.php:19 $local → local local src/app.php:12 by scope
        "#]],
    );
}

#[test]
fn namespaces() {
    check(
        r##"--- a.php
<?php
namespace A;
class Config { static function load() {} }
function boot() { «Config»::«load»(); }
--- b.php
<?php
namespace B;
class Config { static function load() {} }
function boot() { «Config»::«load»(); \A\«Config»::«load»(); «boot»(); }
--- c.php
<?php
use A\Config;
«Config»::«load»(); B\«boot»(); «Missing»::go();
"##,
        expect![[r#"
            a.php:4 Config → class Config a.php:3 by file
            a.php:4 load → method Config.load a.php:3 by file
            b.php:4 Config → class Config b.php:3 by file
            b.php:4 load → method Config.load b.php:3 by file
            b.php:4 Config → class Config a.php:3 by import
            b.php:4 load → method Config.load a.php:3 by import
            b.php:4 boot → function boot b.php:4 by file
            c.php:3 Config → class Config a.php:3 by import
            c.php:3 load → method Config.load a.php:3 by import
            c.php:3 boot → function boot b.php:4 by import
            c.php:3 Missing → nothing
        "#]],
    );
}

#[test]
fn what_is_assigned_values_of_several_types() {
    check(
        r##"--- a.php
<?php
class Conn4 { function zap4() {} function run() {} }
class Other4 { function run() {} }
class Third4 { function run() {} }
class Holder {
    private $conn = null;
    private ?Conn4 $typed = null;
    function start() { $this->conn = new Conn4(); }
    function go(mixed $m, object $o, Conn4|Other4 $both, Conn4|null $maybe) {
        $this->conn->«run»();
        $this->typed->«run»();
        $m->«zap4»(); $o->«run»();
        $both->«run»();
        $maybe->«run»();
        $c = null;
        $c = new Conn4();
        $c->«run»();
        $x = new Conn4();
        $x = new Other4();
        $x->«run»();
        $y = null;
        $y->«zap4»();
    }
}
"##,
        expect![[r#"
            a.php:10 run → method Conn4.run a.php:2 by type
            a.php:11 run → method Conn4.run a.php:2 by type
            a.php:12 zap4 → method Conn4.zap4 a.php:2 by unique
            a.php:12 run → any of method Conn4.run a.php:2, method Other4.run a.php:3, method Third4.run a.php:4
            a.php:13 run → any of method Conn4.run a.php:2, method Other4.run a.php:3
            a.php:14 run → method Conn4.run a.php:2 by type
            a.php:17 run → method Conn4.run a.php:2 by type
            a.php:20 run → any of method Conn4.run a.php:2, method Other4.run a.php:3
            a.php:22 zap4 → method Conn4.zap4 a.php:2 by unique
        "#]],
    );
}

#[test]
fn fully_qualified_names() {
    check(
        r##"--- lib.php
<?php
namespace App\Lib;
function helper() {}
class Remote { public function __construct() {} public function push() {} }
class Other { public static function make(): Remote { return new Remote(); } }
--- other.php
<?php
namespace Elsewhere;
function helper() {}
class Other { public static function make() {} }
--- main.php
<?php
namespace Main;
\App\Lib\«helper»();
\App\Lib\Other::«make»();
\App\Lib\Other::make()->«push»();
$r = new \App\Lib\«Remote»();
$r->«push»();
function typed(\App\Lib\«Other» $o) { $o->«make»(); }
\Vendor\Lib\«helper»();
\Vendor\Lib\Other::«make»();
\App\Lib\«missing»();
\Vendor\Lib\Other::make()->«push»();
"##,
        expect![[r#"
            main.php:3 helper → function helper lib.php:3 by import
            main.php:4 make → method Other.make lib.php:5 by import
            main.php:5 push → method Remote.push lib.php:4 by import
            main.php:6 Remote → class Remote lib.php:4 by import
            main.php:7 push → method Remote.push lib.php:4 by file
            main.php:8 Other → class Other lib.php:5 by import
            main.php:8 make → method Other.make lib.php:5 by type
            main.php:9 helper → nothing, from outside
            main.php:10 make → nothing, from outside
            main.php:11 missing → nothing, from outside
            main.php:12 push → any of method Remote.push lib.php:4
        "#]],
    );
}

#[test]
fn namespaces_seen_from_the_one_around() {
    check(
        r##"--- src/Model/Item.php
<?php
namespace App\Model;
class Item { public static function make(): self { return new self; } public function size() {} }
function tool() {}
--- src/Repo.php
<?php
namespace App;
use App\Model as M;
class Repo {
  public function find(): ?Model\Item { return null; }
  public function other(): M\Item { return M\Item::«make»(); }
  public function run(namespace\Model\Item $i, \App\Model\Item $j) { $this->find()->«size»(); $this->other()->«size»(); Model\Item::«make»()->«size»(); $j->«size»(); Model\«tool»(); $i->«size»(); }
}
--- src/Block.php
<?php
namespace App\Block { class Inner { function go() {} } }
namespace { $x = new App\Block\Inner(); $x->«go»(); }
"##,
        expect![[r#"
            src/Repo.php:6 make → method Item.make src/Model/Item.php:3 by import
            src/Repo.php:7 size → method Item.size src/Model/Item.php:3 by type
            src/Repo.php:7 size → method Item.size src/Model/Item.php:3 by type
            src/Repo.php:7 make → method Item.make src/Model/Item.php:3 by import
            src/Repo.php:7 size → method Item.size src/Model/Item.php:3 by import
            src/Repo.php:7 size → method Item.size src/Model/Item.php:3 by type
            src/Repo.php:7 tool → function tool src/Model/Item.php:4 by import
            src/Repo.php:7 size → nothing, from outside
            src/Block.php:3 go → method App.Block.Inner.go src/Block.php:2 by file
        "#]],
    );
    check(
        r##"--- a.php
<?php
namespace App\Model;
abstract class Item { const A = 1; public static function make(): static { return new static; } public function size(): int { return 1; } }
--- b.php
<?php
namespace App;
use App\Model as M;
use App\Missing as N;
use Vendor\Lib;
function run(M\Item $a, N\Thing $b, Lib\Thing $c) { $a->«size»(); $b->«size»(); $c->«size»(); M\Item::«make»()->«size»(); N\Thing::«make»(); Lib\Thing::«make»(); M\Item::«A»; }
"##,
        expect![[r#"
            b.php:6 size → method Item.size a.php:3 by type
            b.php:6 size → nothing, from outside
            b.php:6 size → nothing, from outside
            b.php:6 make → method Item.make a.php:3 by import
            b.php:6 size → method Item.size a.php:3 by import
            b.php:6 make → nothing, from outside
            b.php:6 make → nothing, from outside
            b.php:6 A → constant Item.A a.php:3 by import
        "#]],
    );
}

#[test]
fn members_of_a_service() {
    check(
        r##"--- src/Model/Item.php
<?php
namespace App\Model;
use App\Contracts\Priced;
interface HasName { public function name(): string; }
trait Logs { protected array $log = []; public function log(string $m): void { $this->«log»[] = $m; $this->«describe»(); } abstract function describe(); }
abstract class Base { protected ?Item $parent = null; public static function make(): static { return new «static»(); } public function get($k) { return $this->«parent»?->«get»($k); } }
final class Item extends «Base» implements «HasName» {
    use «Logs»;
    const LIMIT = 3;
    public static int $count = 0;
    public function __construct(private string $name, public readonly ?Item $next = null) { self::$«count»++; parent::«get»(1); }
    public function name(): string { return $this->«name» . self::«LIMIT» . static::«LIMIT»; }
    public function describe() { return $this->next->«name»(); }
    public function add(Item $item): self { $this->«log»("x"); return $this; }
}
function helper(Item $i) { return $i->«add»($i)->«add»($i)->«name»(); }
enum Suit: string { case Hearts = 'h'; case Spades = 's'; public function label(): string { return match($this) { self::«Hearts» => 'x', Suit::«Spades» => 'y' }; } }
--- src/Service.php
<?php
namespace App;
use App\Model\{Item, Suit as Colour};
use function App\Model\helper;
use const App\Model\X;
class Service {
    private Item $item;
    private $repo;
    public function __construct(Repo $repo, Item $item) { $this->repo = $repo; $this->«item» = $item; }
    public function run(Item ...$items) {
        $this->item->«name»();
        $this->repo->«get»(1);
        $x = new «Item»("a");
        $x->«next»->«add»($x);
        $local = function () use ($x) { return $«x»->«name»(); };
        $fn = fn(Item $y) => $«y»->«name»() . $«x»->name();
        foreach ($items as $it) { $it->«add»($x); }
        «helper»($x);
        Colour::«Hearts»->«label»();
        Item::«make»()->«get»(1);
        $this->«map»();
        $unknown->«get»(1); $unknown->«describe»();
        Item::$«count» = 2;
        try { } catch (\App\Errors\Bad $e) { $e->«reason»(); }
        return [$this, 'run'];
    }
    private function map() { function nested() {} «nested»(); return $this->repo; }
}
--- src/Repo.php
<?php
namespace App;
class Repo { public function get(int $id): ?Model\Item { return null; } public function find(): Model\Item { return $this->«get»(1)->«add»(2); } }
--- src/Errors/Bad.php
<?php
namespace App\Errors;
class Bad extends \Exception { public function reason() { return $this->«getMessage»(); } }
--- index.php
<?php
require 'src/Service.php';
use App\Service;
$s = new Service(new App\Repo(), null);
$s->«run»();
function nested() {}
«nested»();
echo $s->«map»();
(new Service())->«run»();
"##,
        expect![[r#"
            src/Model/Item.php:5 log → field Logs.log src/Model/Item.php:5 by scope
            src/Model/Item.php:5 describe → method Logs.describe src/Model/Item.php:5 by scope
            src/Model/Item.php:6 static → class Base src/Model/Item.php:6 by scope
            src/Model/Item.php:6 parent → field Base.parent src/Model/Item.php:6 by scope
            src/Model/Item.php:6 get → method Base.get src/Model/Item.php:6 by type
            src/Model/Item.php:7 Base → class Base src/Model/Item.php:6 by file
            src/Model/Item.php:7 HasName → interface HasName src/Model/Item.php:4 by file
            src/Model/Item.php:8 Logs → trait Logs src/Model/Item.php:5 by file
            src/Model/Item.php:11 count → field Item.count src/Model/Item.php:10 by scope
            src/Model/Item.php:11 get → method Base.get src/Model/Item.php:6 by scope
            src/Model/Item.php:12 name → field Item.name src/Model/Item.php:11 by scope
            src/Model/Item.php:12 LIMIT → constant Item.LIMIT src/Model/Item.php:9 by scope
            src/Model/Item.php:12 LIMIT → constant Item.LIMIT src/Model/Item.php:9 by scope
            src/Model/Item.php:13 name → method Item.name src/Model/Item.php:12 by type
            src/Model/Item.php:14 log → method Logs.log src/Model/Item.php:5 by scope
            src/Model/Item.php:16 add → method Item.add src/Model/Item.php:14 by type
            src/Model/Item.php:16 add → method Item.add src/Model/Item.php:14 by type
            src/Model/Item.php:16 name → method Item.name src/Model/Item.php:12 by type
            src/Model/Item.php:17 Hearts → variant Suit.Hearts src/Model/Item.php:17 by scope
            src/Model/Item.php:17 Spades → variant Suit.Spades src/Model/Item.php:17 by file
            src/Service.php:9 item → field Service.item src/Service.php:7 by scope
            src/Service.php:11 name → method Item.name src/Model/Item.php:12 by type
            src/Service.php:12 get → method Repo.get src/Repo.php:3 by type
            src/Service.php:13 Item → class Item src/Model/Item.php:7 by import
            src/Service.php:14 next → field Item.next src/Model/Item.php:11 by type
            src/Service.php:14 add → method Item.add src/Model/Item.php:14 by type
            src/Service.php:15 x → local x src/Service.php:13 by scope
            src/Service.php:15 name → method Item.name src/Model/Item.php:12 by type
            src/Service.php:16 y → parameter y src/Service.php:16 by scope
            src/Service.php:16 name → method Item.name src/Model/Item.php:12 by type
            src/Service.php:16 x → local x src/Service.php:13 by scope
            src/Service.php:17 add → any of method Item.add src/Model/Item.php:14
            src/Service.php:18 helper → function helper src/Model/Item.php:16 by import
            src/Service.php:19 Hearts → variant Suit.Hearts src/Model/Item.php:17 by import
            src/Service.php:19 label → method Suit.label src/Model/Item.php:17 by import
            src/Service.php:20 make → method Base.make src/Model/Item.php:6 by import
            src/Service.php:20 get → method Base.get src/Model/Item.php:6 by import
            src/Service.php:21 map → method Service.map src/Service.php:27 by scope
            src/Service.php:22 get → any of method Base.get src/Model/Item.php:6, method Repo.get src/Repo.php:3
            src/Service.php:22 describe → any of method Logs.describe src/Model/Item.php:5, method Item.describe src/Model/Item.php:13
            src/Service.php:23 count → field Item.count src/Model/Item.php:10 by import
            src/Service.php:24 reason → method Bad.reason src/Errors/Bad.php:3 by type
            src/Service.php:27 nested → function Service.map.nested src/Service.php:27 by scope
            src/Repo.php:3 get → method Repo.get src/Repo.php:3 by scope
            src/Repo.php:3 add → method Item.add src/Model/Item.php:14 by type
            src/Errors/Bad.php:3 getMessage → nothing
            index.php:5 run → method Service.run src/Service.php:10 by file
            index.php:7 nested → function nested index.php:6 by file
            index.php:8 map → method Service.map src/Service.php:27 by file
            index.php:9 run → method Service.run src/Service.php:10 by import
        "#]],
    );
}
