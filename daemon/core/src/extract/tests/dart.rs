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
        14:16 class Basket [12-48] abstract class Basket<T extends Item> extends Base<T> with Mix, b.Other implements Store<T> // A basket.
        15:16 constant Basket.max [15-15] static const max = 1
        17:17 field Basket.items [17-17] final List<T> items // What is in it.
        18:12 field Basket._count [18-18] late int _count = 0, other
        18:24 field Basket.other [18-18] late int _count = 0, other
        19:11 field Basket.label [19-19] String? label
        21:3 constructor Basket.Basket [21-21] Basket(this.items, {required this.label, int plain = 0, super.key}) : _count = items.length, super.named(plain)
        22:10 constructor Basket.empty [22-22] Basket.empty() : this([], label: null)
        23:18 constructor Basket.fromJson [23-23] factory Basket.fromJson(Map<String, dynamic> json)
        24:24 constructor Basket.redirect [24-24] const factory Basket.redirect() = Other.named
        26:11 property Basket.size [26-26] int get size
        27:7 property Basket.size [27-27] set size(int v)
        28:17 method Basket.== [28-28] bool operator ==(Object other)
        29:14 method Basket.[] [29-29] T operator [](int i)
        30:8 method Basket.draw [30-30] void draw()
        33:16 method Basket.go [32-45] Future<int?> go(int a, [String b = 'x', void Function(int)? f])
        42:9 function Basket.go.local [42-42] int local(int z)
        47:16 method declared Basket.native [47-47] external int native()
        50:7 trait Mix [50-50] mixin Mix on Base, C implements D
        50:42 method Mix.m [50-50] void m()
        51:11 impl StringX [51-51] extension StringX on String
        51:40 property StringX.blank [51-51] bool get blank
        52:14 impl List [52-52] extension on List<int>
        52:30 method List.sum [52-52] int sum()
        53:16 class Id [53-53] extension type Id(int value) implements int
        53:23 field Id.value [53-53] (int value)
        53:52 method Id.f [53-53] void f()
        54:6 enum Color [54-58] enum Color with Mix implements E
        55:3 variant Color.red [55-55] red(1)
        55:14 variant Color.green [55-55] green.named(2)
        56:13 field Color.rgb [56-56] final int rgb
        57:9 constructor Color.Color [57-57] const Color(this.rgb)
        59:9 type Handler [59-59] typedef Handler<T> = void Function(T)
        60:13 type Old [60-60] typedef int Old(int x)
        62:7 class App [62-62] class App = Base with Mix // Applied.
        63:7 constant topLevel [63-63] final topLevel = 1
        64:7 constant K [64-64] const K = 2
        65:5 variable topVar [65-65] int topVar = 3, second
        65:17 variable second [65-65] int topVar = 3, second
        66:9 property topGet [66-66] int get topGet
        67:14 function declared nat [67-67] external int nat(int x)
        68:6 function main [68-68] void main(List<String> args)
        5:8 import dart:io "*"
        6:8 import package:a/b.dart "" as b
        6:37 import package:a/b.dart "C"
        6:40 import package:a/b.dart "d"
        7:8 import c.dart "*"
        8:26 import src/x.dart "Y"
        9:6 import basket.g.dart "*"
    "#]],
        expect![[r#"
        3 in -: read shop,
        6 in -: import b, import C, import d,
        7 in -: import e,
        8 in -: import Y,
        12 in Basket: decorate immutable,
        13 in Basket: decorate JsonSerializable, write explicit,
        14 in Basket: write T, type Item, inherit Base, type T, inherit Mix, read b, inherit b|Other, inherit Store, type T,
        17 in Basket: type List, type T,
        18 in Basket: type int,
        19 in Basket: type String,
        21 in Basket.Basket: write items, write label, type int, write plain, write key, write _count, read items, read items|length, call named, read plain,
        22 in Basket.empty: read Basket, write label,
        23 in Basket.fromJson: read Basket, type Map, type String, type dynamic, write json, call _$BasketFromJson, read json,
        24 in Basket.redirect: read Basket, read Other, type Other|named,
        26 in Basket.size: type int, read items, read items|length,
        27 in Basket.size: type int, write v, write _count, read v,
        28 in Basket.==: type bool, type Object, write other, read other, type Basket, read other, read other|_count, read _count,
        29 in Basket.[]: type T, type int, write i, read items, read i,
        32 in Basket.go: decorate override,
        33 in Basket.go: type Future, type int, type int, write a, type String, write b, type int, write f,
        34 in Basket.go: write r, read items, call items|map, write e, read e, read e|name, call where, write k, read k, call toList,
        35 in Basket.go: write p, write q, read pair, type Foo, write name, write age, write n, read foo,
        36 in Basket.go: write i, read items, call print, read i, read r, read r|length,
        37 in Basket.go: read items, read r, write this|label, write _count, read a, read a|b, write a.b|c, write i,
        38 in Basket.go: read b, call b|C, write x, read foo, call bar, write baz,
        39 in Basket.go: write o, read Foo, call Foo|named, call Foo, type int, read Foo, type int, call Foo|named,
        40 in Basket.go: read x, read Color, read Color|red, type int, write y, read y, type Foo, write a, write z,
        41 in Basket.go: call risky, type IOException, write e, write st,
        42 in Basket.go.local: type int, type int, write z, read z,
        43 in Basket.go: read x, type Foo, read x, read y, call z, call f, type int, write i, read l, read i, read i,
        44 in Basket.go: call foo, read a, write b, call Bar,
        47 in Basket.native: type int,
        50 in Mix: inherit Base, inherit C, inherit D,
        51 in StringX: type String,
        51 in StringX.blank: type bool, call trim, read isEmpty,
        52 in List: type List, type int,
        52 in List.sum: type int,
        53 in Id: type int, inherit int,
        54 in Color: inherit Mix, inherit E,
        55 in Color.green: decorate d, call named,
        56 in Color: type int,
        57 in Color.Color: write rgb,
        59 in Handler: write T, type T,
        60 in Old: type int, type int, write x,
        62 in App: inherit Base, inherit Mix,
        65 in -: type int,
        66 in topGet: type int,
        67 in nat: type int, type int, write x,
        68 in main: type List, type String, write args, call runApp, call App,
    "#]],
    );
}
