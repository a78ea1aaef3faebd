//! Swift.

use expect_test::expect;

use super::{check, outline, uses};
use crate::extract::extract;
use crate::kinds::Language;

const SOURCE: &str = r##"
import Foundation
@testable import struct Shop.Item

/// A basket.
@MainActor
public final class Basket<T: Item>: Base<T>, Store.Inner where T: Named {
    @Published private(set) var items: [T] = []
    static let shared = Basket()
    var a = 1, b: Int?
    let (c, d) = pair
    lazy var e: Int = { let q = 1; return q }()
    /// How many.
    var count: Int { return items.count }
    var full: Int { get { items.count } set(v) { a = v } }
    weak var delegate: Delegate? { didSet { a = oldValue.x } }

    init?(_ x: Int, with y: String = Self.name) throws { self.items = []; super.init() }
    deinit { stop() }
    subscript(i: Int) -> T { items[i] }

    @discardableResult
    override func go<A>(_ x: inout Int, by f: @escaping (Int) -> A, z: a.b.C) async throws -> [String: A]? {
        let r = items.map { $0.name }.filter { (k, v) in k == v }
        items.forEach { [weak self, w = x] (i: Item) -> Void in self?.run(i) }
        items[0] = r; self.a = 1; x += 1; a.b.c = 3*x
        guard let self, let n = r.first as? Foo, case .some(let m) = n else { return nil }
        if let q = x, q > 1, #available(iOS 13, *) { print("a \(q) and \(r.count, radix: 2)") }
        switch x {
        case .foo(let y, z: var w): y
        case let .bar(k) where k > 1: break
        case is Foo: break
        default: x
        }
        for case let (i, j) in map where i > j { continue }
        do { try risky() } catch let e as Failure { throw e }
        f(x: 1, y: .init(z)); Foo<Int>(1); Foo.Bar(\.name); $text
        func local(z: Int) -> Int { z }
        let t = (first: 1, 2); go(&x) +++ !flag
        return await foo(a, b: b) { x in x } onDone: { }
    }

    static func == (l: Basket, r: Basket) -> Bool { l === r }
    static func +++ (l: Basket, r: Basket) {}

    enum Color: String, CaseIterable {
        case red = "r", green
        indirect case mix(Int, by: Color)
        var shade: Int { 1 }
    }
    typealias Elem = T
}

extension Basket: Equatable where T: Eq {
    func added() {}
    struct Inner { let x: Int }
}
extension Shop.Item { var short: Character { name.first! } }

protocol Shape: AnyObject, Named {
    associatedtype Unit: Scale = Int
    var area: Double { get set }
    func draw(_ on: Canvas)
    init(x: Int)
}
actor Bank { }
struct Page { var body: some View { Text("a").bold() } }
let topLevel = 1
var state: Int = 2
func `default`() { `default`() }
infix operator +++: AdditionPrecedence
#if os(iOS) && DEBUG
let raw = #"a \#(topLevel)"#
#endif
@attached(member) macro stringify<T>(_ x: T) -> String = #externalMacro(module: "M", type: "S")
let text = #stringify(state)
"##;

#[test]
fn fixture() {
    check(
        Language::Swift,
        SOURCE,
        expect![[r##"
            7:20 class Basket < Base, Store.Inner [6-52] public final class Basket<T: Item>: Base<T>, Store.Inner where T: Named // A basket.
            8:33 field Basket.items [8-8] private(set) var items: [T] = []
            9:16 field Basket.shared: =Basket() [9-9] static let shared = Basket()
            10:9 field Basket.a: Int [10-10] var a = 1, b: Int?
            10:16 field Basket.b: Int [10-10] var a = 1, b: Int?
            11:10 field Basket.c: =pair [11-11] let (c, d) = pair
            11:13 field Basket.d: =pair [11-11] let (c, d) = pair
            12:14 field Basket.e: Int [12-12] lazy var e: Int
            14:9 property Basket.count: Int [14-14] var count: Int // How many.
            15:9 property Basket.full: Int [15-15] var full: Int
            16:14 field Basket.delegate: Delegate [16-16] weak var delegate: Delegate?
            18:5 constructor Basket.init [18-18] init?(_ x: Int, with y: String = Self.name) throws
            19:5 method Basket.deinit [19-19] deinit
            20:5 method Basket.subscript [20-20] subscript(i: Int) -> T
            23:19 method Basket.go [22-41] override func go<A>(_ x: inout Int, by f: @escaping (Int) -> A, z: a.b.C) async throws -> [String: A]?
            38:14 function Basket.go.local: Int [38-38] func local(z: Int) -> Int
            43:17 method Basket.==: Bool [43-43] static func == (l: Basket, r: Basket) -> Bool
            44:17 method Basket.+++ [44-44] static func +++ (l: Basket, r: Basket)
            46:10 enum Basket.Color < String, CaseIterable [46-50] enum Color: String, CaseIterable
            47:14 variant Basket.Color.red [47-47] case red = "r", green
            47:25 variant Basket.Color.green [47-47] case red = "r", green
            48:23 variant Basket.Color.mix [48-48] indirect case mix(Int, by: Color)
            49:13 property Basket.Color.shade: Int [49-49] var shade: Int
            51:15 type Basket.Elem [51-51] typealias Elem = T
            54:11 impl Basket < Equatable [54-57] extension Basket: Equatable where T: Eq
            55:10 method Basket.added [55-55] func added()
            56:12 struct Basket.Inner [56-56] struct Inner
            56:24 field Basket.Inner.x: Int [56-56] let x: Int
            58:16 impl Item [58-58] extension Shop.Item
            58:27 property Item.short: Character [58-58] var short: Character
            60:10 interface Shape < AnyObject, Named [60-65] protocol Shape: AnyObject, Named
            61:20 type Shape.Unit [61-61] associatedtype Unit: Scale = Int
            62:9 property Shape.area: Double [62-62] var area: Double
            63:10 method Shape.draw [63-63] func draw(_ on: Canvas)
            64:5 constructor Shape.init [64-64] init(x: Int)
            66:7 class Bank [66-66] actor Bank
            67:8 struct Page [67-67] struct Page
            67:19 property Page.body: View [67-67] var body: some View
            68:5 constant topLevel [68-68] let topLevel = 1
            69:5 variable state: Int [69-69] var state: Int = 2
            70:7 function default [70-70] func `default`()
            73:5 constant raw [73-73] let raw = #"a \#(topLevel)"#
            75:25 macro stringify [75-75] macro stringify<T>(_ x: T) -> String
            76:5 constant text: =#stringify() [76-76] let text = #stringify(state)
            2:8 import Foundation "*"
            3:25 import Shop "Item"
        "##]],
        expect![[r#"
            2 in -: import Foundation,
            3 in -: decorate testable, import Shop, import Shop|Item,
            6 in Basket: decorate MainActor,
            7 in Basket: type-parameter T: Item, type Item, inherit Base, type T^7, read Store, inherit Store|Inner, type T^7, type Named,
            8 in Basket.items: decorate Published, type T^7,
            9 in Basket.shared: call Basket,
            10 in Basket.a: type Int,
            11 in Basket: read pair,
            12 in Basket.e: type Int, local q, read q^12,
            14 in Basket.count: type Int, read items, read items|count,
            15 in Basket.full: type Int, read items, read items|count, parameter v, write a, read v^15,
            16 in Basket.delegate: type Delegate, write a, read oldValue, read oldValue|x,
            18 in Basket.init: parameter x: Int, type Int, write :|with, parameter y: String, type String, read Self, read Self|name, write self|items, call super|init,
            19 in Basket.deinit: call stop,
            20 in Basket.subscript: parameter i: Int, type Int, type T^7, read items, read i^20,
            22 in Basket.go: decorate discardableResult,
            23 in Basket.go: type-parameter A, parameter x: Int, type Int, write :|by, parameter f, type Int, type A^23, parameter z: a.b.C, read a, read a|b, type a.b|C, type String, type A^23,
            24 in Basket.go: local r: =items.map().filter(), read items, call items|map, read ?|name, call items.map()|filter, parameter k, parameter v, read k^24, read v^24,
            25 in Basket.go: read items, call items|forEach, local w, read x^23, parameter i: Item, type Item, type Void, call self|run, read i^25,
            26 in Basket.go: read items, read r^24, write self|a, write x^23, read a, read a|b, write a.b|c, read x^23,
            27 in Basket.go: local n: =Foo, read r^24, read r|first, type Foo, read ?|some, local m, read n^27,
            28 in Basket.go: local q: =x, read x^23, read q^28, read iOS, call print, read q^28, read r^24, read r|count, write :print|radix,
            29 in Basket.go: read x^23,
            30 in Basket.go: read ?|foo, local y, read z^23, local w, read y^30,
            31 in Basket.go: read ?|bar, local k, read k^31,
            32 in Basket.go: type Foo,
            33 in Basket.go: read x^23,
            35 in Basket.go: local i, local j, read map, read i^35, read j^35,
            36 in Basket.go: call risky, local e, type Failure, read e^36,
            37 in Basket.go: call f^23, write :f|x, write :f|y, call ?|init, read z^23, call Foo, type Int, read Foo, call Foo|Bar, read name, read text,
            38 in Basket.go.local: parameter z: Int, type Int, type Int, read z^38,
            39 in Basket.go: local t, write :|first, call go, write x^23, call +++, read flag,
            40 in Basket.go: call foo, read a, write :foo|b, read b, parameter x, read x^40, write :foo|onDone,
            43 in Basket.==: parameter l: Basket, type Basket, parameter r: Basket, type Basket, type Bool, read l^43, read r^43,
            44 in Basket.+++: parameter l: Basket, type Basket, parameter r: Basket, type Basket,
            46 in Basket.Color: inherit String, inherit CaseIterable,
            48 in Basket.Color: type Int, parameter by, type Color,
            49 in Basket.Color.shade: type Int,
            51 in Basket.Elem: type T^7,
            54 in Basket: type Basket, inherit Equatable, type T, type Eq,
            56 in Basket.Inner.x: type Int,
            58 in Item: read Shop, type Shop|Item,
            58 in Item.short: type Character, read name, read name|first,
            60 in Shape: inherit AnyObject, inherit Named,
            61 in Shape.Unit: type Scale, type Int,
            62 in Shape.area: type Double,
            63 in Shape.draw: parameter on: Canvas, type Canvas,
            64 in Shape.init: parameter x: Int, type Int,
            67 in Page.body: type View, call Text, call Text()|bold,
            69 in state: type Int,
            70 in default: call default,
            71 in -: write +++, read AdditionPrecedence,
            72 in -: read iOS, read DEBUG,
            73 in raw: read topLevel,
            75 in stringify: decorate attached, read member, type-parameter T, parameter x: T, type T^75, type String, write :|module, write :|type,
            76 in text: call stringify, read state,
        "#]],
    );
}

/// Where the grammar fails it finds keywords inside words.
#[test]
fn words_cut_to_pieces_are_whole_again() {
    let source = "class A {\n  func (isOpen inout: forEachItem ) { asText }\n  func after() { inner() }\n}\n";
    let facts = extract(Language::Swift, source.as_bytes());
    let expected = expect![[r#"
        1:7 class A [1-4] class A
        3:8 method A.after [3-3] func after()
        2 in A: write :|isOpen, parameter inout, type forEachItem, read asText,
        3 in A.after: call inner,
    "#]];
    expected.assert_eq(&(outline(&facts) + &uses(&facts)));
}
