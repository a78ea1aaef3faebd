//! Dart.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.dart
int limit = 1;
int run(int limit, List<String> rest) {
  var total = «limit» + 1;
  for (final item in «rest») { use(«item»); }
  final f = (int x) => «x» + «total»;
  int inner(int y) { return «y»; }
  try { risky(); } on Failure catch (e) { use(«e»); }
  return «inner»(1) + «f»(2);
}
int again() => «limit»;
class Box {
  final int size;
  Box(this.«size», {int plain = 0}) : other = «plain»;
  int other;
  int get() => «size» + this.«other»;
  T generic<T>(«T» item) => item;
}
"##,
        expect![[r#"
            a.dart:3 limit → parameter limit a.dart:2 by scope
            a.dart:4 rest → parameter rest a.dart:2 by scope
            a.dart:4 item → local item a.dart:4 by scope
            a.dart:5 x → parameter x a.dart:5 by scope
            a.dart:5 total → local total a.dart:3 by scope
            a.dart:6 y → parameter y a.dart:6 by scope
            a.dart:7 e → local e a.dart:7 by scope
            a.dart:8 inner → function run.inner a.dart:6 by scope
            a.dart:8 f → local f a.dart:5 by scope
            a.dart:10 limit → variable limit a.dart:1 by file
            a.dart:13 size → field Box.size a.dart:12 by scope
            a.dart:13 plain → parameter plain a.dart:13 by scope
            a.dart:15 size → field Box.size a.dart:12 by scope
            a.dart:15 other → field Box.other a.dart:14 by scope
            a.dart:16 T → type-parameter T a.dart:16 by scope
        "#]],
    );
}

#[test]
fn members_and_libraries() {
    check(
        r##"--- pubspec.yaml
name: shop
--- lib/src/pool.dart
class Base { void close() {} }
abstract class Getter { int get(); }
class Pool extends «Base» implements «Getter» {
  final List<String> names = [];
  Pool(String name) { «close»(); super.«close»(); }
  int get() { return names.«get»(); }
  static Pool make() { return «Pool»("x"); }
}
extension More on Pool { void more() { «get»(); } }
--- lib/shop.dart
export 'src/pool.dart';
--- lib/app.dart
import 'package:shop/shop.dart';
import 'src/pool.dart' as p;
import 'package:other/other.dart';
class App {
  final Pool pool;
  p.Base? other;
  App(this.pool);
  void run(Getter getter, Unknown unknown) {
    pool.«get»();
    other?.«close»();
    getter.«get»();
    unknown.«get»();
    Pool.«make»().«get»();
    p.Pool.«make»();
    var local = «Pool»("x");
    local.«more»();
    this.«run»(getter, unknown);
    «missing»();
  }
}
"##,
        expect![[r#"
            lib/src/pool.dart:3 Base → class Base lib/src/pool.dart:1 by file
            lib/src/pool.dart:3 Getter → class Getter lib/src/pool.dart:2 by file
            lib/src/pool.dart:5 close → method Base.close lib/src/pool.dart:1 by scope
            lib/src/pool.dart:5 close → method Base.close lib/src/pool.dart:1 by scope
            lib/src/pool.dart:6 get → any of method Getter.get lib/src/pool.dart:2, method Pool.get lib/src/pool.dart:6
            lib/src/pool.dart:7 Pool → class Pool lib/src/pool.dart:3 by file
            lib/src/pool.dart:9 get → method Pool.get lib/src/pool.dart:6 by scope
            lib/app.dart:9 get → method Pool.get lib/src/pool.dart:6 by scope
            lib/app.dart:10 close → method Base.close lib/src/pool.dart:1 by scope
            lib/app.dart:11 get → method Getter.get lib/src/pool.dart:2 by type
            lib/app.dart:12 get → any of method Getter.get lib/src/pool.dart:2, method Pool.get lib/src/pool.dart:6
            lib/app.dart:13 make → method Pool.make lib/src/pool.dart:7 by import
            lib/app.dart:13 get → method Pool.get lib/src/pool.dart:6 by import
            lib/app.dart:14 make → method Pool.make lib/src/pool.dart:7 by import
            lib/app.dart:15 Pool → class Pool lib/src/pool.dart:3 by import
            lib/app.dart:16 more → method More.more lib/src/pool.dart:9 by unique
            lib/app.dart:17 run → method App.run lib/app.dart:8 by scope
            lib/app.dart:18 missing → nothing
        "#]],
    );
}

#[test]
fn cascades_and_parts() {
    check(
        r##"--- lib/remote.dart
class Remote {
  int size = 0;
  Remote other() => this;
  void push(int x) {}
}
class Unrelated { void push(int x) {} }
--- lib/shop.dart
import 'remote.dart';
part 'part.dart';
class Shop {
  int size = 1;
  void push(int x) {}
  void run(Remote r, unknown) {
    Remote()..«push»(1)..«push»(2)..«size» = 3;
    r..«push»(4);
    unknown..«push»(5);
    this..«push»(6);
    «push»(7);
    r..other().«push»(8)..«other»();
    final made = Remote()..«push»(9);
    made.«push»(10);
    use(r?..«push»(11));
  }
}
--- lib/part.dart
part of 'shop.dart';
void inside(«Remote» r, «Shop» s) { r.«push»(1); s.«push»(2); }
--- lib/beside.dart
import 'shop.dart';
void outside(«Remote» r) {}
"##,
        expect![[r#"
            lib/shop.dart:7 push → method Remote.push lib/remote.dart:4 by import
            lib/shop.dart:7 push → method Remote.push lib/remote.dart:4 by import
            lib/shop.dart:7 size → field Remote.size lib/remote.dart:2 by import
            lib/shop.dart:8 push → method Remote.push lib/remote.dart:4 by type
            lib/shop.dart:9 push → any of method Shop.push lib/shop.dart:5, method Remote.push lib/remote.dart:4, method Unrelated.push lib/remote.dart:6
            lib/shop.dart:10 push → method Shop.push lib/shop.dart:5 by scope
            lib/shop.dart:11 push → method Shop.push lib/shop.dart:5 by scope
            lib/shop.dart:12 push → any of method Shop.push lib/shop.dart:5, method Remote.push lib/remote.dart:4, method Unrelated.push lib/remote.dart:6
            lib/shop.dart:12 other → method Remote.other lib/remote.dart:3 by type
            lib/shop.dart:13 push → method Remote.push lib/remote.dart:4 by import
            lib/shop.dart:14 push → any of method Shop.push lib/shop.dart:5, method Remote.push lib/remote.dart:4, method Unrelated.push lib/remote.dart:6
            lib/shop.dart:15 push → method Remote.push lib/remote.dart:4 by type
            lib/part.dart:2 Remote → class Remote lib/remote.dart:1 by import
            lib/part.dart:2 Shop → class Shop lib/shop.dart:3 by import
            lib/part.dart:2 push → method Remote.push lib/remote.dart:4 by type
            lib/part.dart:2 push → method Shop.push lib/shop.dart:5 by type
            lib/beside.dart:2 Remote → nothing
        "#]],
    );
}
