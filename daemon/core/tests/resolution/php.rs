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
