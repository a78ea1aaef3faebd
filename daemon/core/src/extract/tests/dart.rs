//! Dart.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
/// Library.
library shop.basket;

import 'dart:io';
import 'package:a/b.dart' as b show C, d;
import 'c.dart' hide e;
export 'src/x.dart' show Y;
part 'basket.g.dart';

/// A basket.
@immutable
@JsonSerializable(explicit: true)
abstract class Basket<T extends Item> extends Base<T> with Mix, b.Other implements Store<T> {
  static const max = 1;
  /// What is in it.
  final List<T> items;
  late int _count = 0, other;
  String? label;

  Basket(this.items, {required this.label, int plain = 0, super.key}) : _count = items.length, super.named(plain);
  Basket.empty() : this([], label: null);
  factory Basket.fromJson(Map<String, dynamic> json) => _$BasketFromJson(json);
  const factory Basket.redirect() = Other.named;

  int get size => items.length;
  set size(int v) { _count = v; }
  bool operator ==(Object other) => other is Basket && other._count == _count;
  T operator [](int i) => items[i];
  void draw();

  @override
  Future<int?> go(int a, [String b = 'x', void Function(int)? f]) async {
    final r = items.map((e) => e.name).where((k) => k == 'v').toList();
    var (p, q) = pair; final Foo(:name, age: n) = foo;
    for (final i in items) { print('a $i ${r.length} b'); }
    items[0] = r; this.label = "y"; _count += 1; a.b.c = 3; i++;
    b.C(x: 1).foo..bar()..baz = 2;
    final o = new Foo.named(1); Foo<int>(1); Foo<int>.named(2);
    switch (x) { case Color.red: break; case int y when y > 1: break; case Foo(a: var z): break; }
    try { risky(); } on IOException catch (e, st) { rethrow; } finally { }
    int local(int z) => z;
    x as Foo; x!.y?.z(); f<int>(1); [for (var i in l) if (i > 1) ...i];
    return await foo(a, b: const Bar());
  }

  external int native();
}

mixin Mix on Base, C implements D { void m() {} }
extension StringX on String { bool get blank => trim().isEmpty; }
extension on List<int> { int sum() => 0; }
extension type Id(int value) implements int { void f() {} }
enum Color with Mix implements E {
  red(1), @d green.named(2);
  final int rgb;
  const Color(this.rgb);
}
typedef Handler<T> = void Function(T);
typedef int Old(int x);
/// Applied.
class App = Base with Mix;
final topLevel = 1;
const K = 2;
int topVar = 3, second;
int get topGet => 1;
external int nat(int x);
void main(List<String> args) { runApp(const App()); }
"#;

#[test]
fn fixture() {
    check(
        Language::Dart,
        SOURCE,
        expect![[r#"
            3:14 module basket [3-3] library shop.basket // Library.
            14:16 class Basket < Base, Mix, b.Other, Store [12-48] abstract class Basket<T extends Item> extends Base<T> with Mix, b.Other implements Store<T> // A basket.
            15:16 constant Basket.max [15-15] static const max = 1
            17:17 field Basket.items: List [17-17] final List<T> items // What is in it.
            18:12 field Basket._count: int [18-18] late int _count = 0, other
            18:24 field Basket.other: int [18-18] late int _count = 0, other
            19:11 field Basket.label: String [19-19] String? label
            21:3 constructor Basket.Basket [21-21] Basket(this.items, {required this.label, int plain = 0, super.key}) : _count = items.length, super.named(plain)
            22:10 constructor Basket.empty [22-22] Basket.empty() : this([], label: null)
            23:18 constructor Basket.fromJson [23-23] factory Basket.fromJson(Map<String, dynamic> json)
            24:24 constructor Basket.redirect [24-24] const factory Basket.redirect() = Other.named
            26:11 property Basket.size: int [26-26] int get size
            27:7 property Basket.size [27-27] set size(int v)
            28:17 method Basket.==: bool [28-28] bool operator ==(Object other)
            29:14 method Basket.[]: T [29-29] T operator [](int i)
            30:8 method Basket.draw [30-30] void draw()
            33:16 method Basket.go: Future [32-45] Future<int?> go(int a, [String b = 'x', void Function(int)? f])
            42:9 function Basket.go.local [42-42] int local(int z)
            47:16 method declared Basket.native [47-47] external int native()
            50:7 trait Mix < Base, C, D [50-50] mixin Mix on Base, C implements D
            50:42 method Mix.m: void [50-50] void m()
            51:11 impl StringX < String [51-51] extension StringX on String
            51:40 property StringX.blank: bool [51-51] bool get blank
            52:14 impl List < List [52-52] extension on List<int>
            52:30 method List.sum: int [52-52] int sum()
            53:16 class Id < int [53-53] extension type Id(int value) implements int
            53:23 field Id.value [53-53] (int value)
            53:52 method Id.f: void [53-53] void f()
            54:6 enum Color < Mix, E [54-58] enum Color with Mix implements E
            55:3 variant Color.red [55-55] red(1)
            55:14 variant Color.green [55-55] green.named(2)
            56:13 field Color.rgb: int [56-56] final int rgb
            57:9 constructor Color.Color [57-57] const Color(this.rgb)
            59:9 type Handler [59-59] typedef Handler<T> = void Function(T)
            60:13 type Old [60-60] typedef int Old(int x)
            62:7 class App < Base, Mix [62-62] class App = Base with Mix // Applied.
            63:7 constant topLevel [63-63] final topLevel = 1
            64:7 constant K [64-64] const K = 2
            65:5 variable topVar: int [65-65] int topVar = 3, second
            65:17 variable second: int [65-65] int topVar = 3, second
            66:9 property topGet: int [66-66] int get topGet
            67:14 function declared nat [67-67] external int nat(int x)
            68:6 function main: void [68-68] void main(List<String> args)
            5:8 import dart:io "*"
            6:8 import package:a/b.dart "" as b
            6:37 import package:a/b.dart "C"
            6:40 import package:a/b.dart "d"
            7:8 import c.dart "*"
            8:26 import src/x.dart "Y" exported
            9:6 import basket.g.dart "*" exported
        "#]],
        expect![[r#"
            3 in -: read shop,
            6 in -: import b, import C, import d,
            7 in -: import e,
            8 in -: import Y,
            12 in Basket: decorate immutable,
            13 in Basket: decorate JsonSerializable, write :|explicit,
            14 in Basket: type-parameter T: Item, type Item, inherit Base, type T^14, inherit Mix, read b, inherit b|Other, inherit Store, type T^14,
            17 in Basket: type List, type T^14,
            18 in Basket: type int,
            19 in Basket: type String,
            21 in Basket.Basket: write this|items, write this|label, type int, parameter plain: int, parameter key, write this|_count, read items, read items|length, call named, read plain^21,
            22 in Basket.empty: read Basket, write :|label,
            23 in Basket.fromJson: read Basket, type Map, type String, type dynamic, parameter json: Map, call _$BasketFromJson, read json^23,
            24 in Basket.redirect: read Basket, read Other, type Other|named,
            26 in Basket.size: type int, read items, read items|length,
            27 in Basket.size: type int, parameter v: int, write _count, read v^27,
            28 in Basket.==: type bool, type Object, parameter other: Object, read other^28, type Basket, read other^28, read other|_count, read _count,
            29 in Basket.[]: type T^14, type int, parameter i: int, read items, read i^29,
            32 in Basket.go: decorate override,
            33 in Basket.go: type Future, type int, type int, parameter a: int, type String, parameter b: String, type int, parameter f: void,
            34 in Basket.go: local r: =items.map().where().toList(), read items, call items|map, parameter e, read e^34, read e|name, call items.map()|where, parameter k, read k^34, call items.map().where()|toList,
            35 in Basket.go: local p, local q, read pair, type Foo, local name, write :|age, local n, read foo,
            36 in Basket.go: local i, read items, call print, read i^36, read r^34, read r|length,
            37 in Basket.go: read items, read r^34, write this|label, write _count, read a^33, read a|b, write a.b|c, write i,
            38 in Basket.go: read b^33, call b|C, write :b.C|x, read b.C()|foo, call b.C().foo|bar, write b.C().foo|baz,
            39 in Basket.go: local o: =Foo.named(), read Foo, call Foo|named, call Foo, type int, read Foo, type int, call Foo|named,
            40 in Basket.go: read x, read Color, read Color|red, type int, local y, read y^40, type Foo, write :|a, local z,
            41 in Basket.go: call risky, type IOException, local e, local st,
            42 in Basket.go.local: type int, type int, parameter z: int, read z^42,
            43 in Basket.go: read x, type Foo, read x, read x|y, call x.y|z, call f^33, type int, local i, read l, read i^43, read i^43,
            44 in Basket.go: call foo, read a^33, write :foo|b, call Bar,
            47 in Basket.native: type int,
            50 in Mix: inherit Base, inherit C, inherit D,
            51 in StringX: inherit String,
            51 in StringX.blank: type bool, call trim, read trim()|isEmpty,
            52 in List: inherit List, type int,
            52 in List.sum: type int,
            53 in Id: type int, inherit int,
            54 in Color: inherit Mix, inherit E,
            55 in Color.green: decorate d, call named,
            56 in Color: type int,
            57 in Color.Color: write this|rgb,
            59 in Handler: type-parameter T, type T^59,
            60 in Old: type int, type int, parameter x,
            62 in App: inherit Base, inherit Mix,
            65 in -: type int,
            66 in topGet: type int,
            67 in nat: type int, type int, parameter x: int,
            68 in main: type List, type String, parameter args: List, call runApp, call App,
        "#]],
    );
}
