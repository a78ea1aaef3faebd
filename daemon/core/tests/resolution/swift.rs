//! Swift.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.swift
let limit = 1
func run(limit: Int, with rest: [String]) -> Int {
    let total = «limit» + 1
    for item in «rest» { use(«item») }
    let f = { (x: Int) -> Int in «x» + «total» }
    func inner(_ y: Int) -> Int { return «y» }
    if let found = maybe() { use(«found») }
    guard let kept = maybe() else { return 0 }
    use(«kept»)
    do { try risky() } catch let failure { use(«failure») }
    return «inner»(1) + «f»(2)
}
func again() -> Int { return «limit» }
class Box {
    var size: Int
    init(size: Int) { self.«size» = «size» }
    func get() -> Int { return «size» }
    func generic<T>(item: «T») {}
}
"##,
        expect![[r#"
            a.swift:3 limit → parameter limit a.swift:2 by scope
            a.swift:4 rest → parameter rest a.swift:2 by scope
            a.swift:4 item → local item a.swift:4 by scope
            a.swift:5 x → parameter x a.swift:5 by scope
            a.swift:5 total → local total a.swift:3 by scope
            a.swift:6 y → parameter y a.swift:6 by scope
            a.swift:7 found → local found a.swift:7 by scope
            a.swift:9 kept → local kept a.swift:8 by scope
            a.swift:10 failure → local failure a.swift:10 by scope
            a.swift:11 inner → function run.inner a.swift:6 by scope
            a.swift:11 f → local f a.swift:5 by scope
            a.swift:13 limit → constant limit a.swift:1 by file
            a.swift:16 size → field Box.size a.swift:15 by scope
            a.swift:16 size → parameter size a.swift:16 by scope
            a.swift:17 size → field Box.size a.swift:15 by scope
            a.swift:18 T → type-parameter T a.swift:18 by scope
        "#]],
    );
}

#[test]
fn members_and_extensions() {
    check(
        r##"--- Pool.swift
class Base { func close() {} }
protocol Getter { func get() -> Int }
class Pool: «Base», «Getter» {
    let names: [String] = []
    static let shared = Pool()
    init(name: String) { «close»(); super.«close»() }
    func get() -> Int { return self.«count» + names.«get»() }
    static func make() -> Pool { return «Pool»(name: "x") }
}
--- More.swift
extension Pool { var count: Int { return «get»() } func more() {} }
extension String { func shout() {} }
--- App.swift
struct App {
    let pool: Pool
    var other: Pool?
    func run(getter: Getter, unknown: Unknown, text: String) {
        pool.«get»()
        other?.«close»()
        getter.«get»()
        unknown.«get»()
        Pool.«make»().«more»()
        Pool.shared.«more»()
        let local = «Pool»(name: "x")
        local.«more»()
        text.«shout»()
        text.«count»
        self.«run»(getter: getter, unknown: unknown, text: text)
    }
}
"##,
        expect![[r#"
            Pool.swift:3 Base → class Base Pool.swift:1 by file
            Pool.swift:3 Getter → interface Getter Pool.swift:2 by file
            Pool.swift:6 close → method Base.close Pool.swift:1 by scope
            Pool.swift:6 close → method Base.close Pool.swift:1 by scope
            Pool.swift:7 count → property Pool.count More.swift:1 by scope
            Pool.swift:7 get → any of method Getter.get Pool.swift:2, method Pool.get Pool.swift:7
            Pool.swift:8 Pool → class Pool Pool.swift:3 by file
            More.swift:1 get → method Pool.get Pool.swift:7 by scope
            App.swift:5 get → method Pool.get Pool.swift:7 by scope
            App.swift:6 close → method Base.close Pool.swift:1 by scope
            App.swift:7 get → method Getter.get Pool.swift:2 by type
            App.swift:8 get → any of method Getter.get Pool.swift:2, method Pool.get Pool.swift:7
            App.swift:9 make → method Pool.make Pool.swift:8 by unique
            App.swift:9 more → method Pool.more More.swift:1 by unique
            App.swift:10 more → method Pool.more More.swift:1 by unique
            App.swift:11 Pool → class Pool Pool.swift:3 by unique
            App.swift:12 more → method Pool.more More.swift:1 by type
            App.swift:13 shout → any of method String.shout More.swift:2
            App.swift:14 count → any of property Pool.count More.swift:1
            App.swift:15 run → method App.run App.swift:4 by scope
        "#]],
    );
}

#[test]
fn bounds_and_casts() {
    check(
        r##"--- a.swift
protocol Shape { func area() }
class Square { func area() {} func only() {} }
func run<T: Shape>(t: T, thing: Any, object: AnyObject) {
    t.«area»()
    (thing as! Square).«area»()
    (thing as? Square)?.«area»()
    thing.«only»()
    object.«area»()
}
"##,
        expect![[r#"
            a.swift:4 area → method Shape.area a.swift:1 by type
            a.swift:5 area → method Square.area a.swift:2 by file
            a.swift:6 area → method Square.area a.swift:2 by file
            a.swift:7 only → method Square.only a.swift:2 by unique
            a.swift:8 area → any of method Shape.area a.swift:1, method Square.area a.swift:2
        "#]],
    );
}

#[test]
fn conditions_and_members_of_what_is_left_out() {
    check(
        r##"--- a.swift
struct Item { let name: String; static let empty = Item(name: ""); static func make() -> Item { .«empty» } func call() {} }
enum Kind { case one(Int), two; static func pick() -> Kind { .«two» }; func call() {} }
class Box {
  var item: Item?
  func run(kind: Kind) {
    if let item = item { item.«call»() }
    guard let item else { return }
    item.«call»()
    if let item = self.item { item.«call»() }
    if case .«one»(let n) = kind { use(«n», .«two», .«empty», .«make»()) }
    switch kind { case .«one»: break; default: break }
    let a: Kind = .«pick»()
    a.«call»()
    Kind.two.«call»()
    let r = list[0...«kind»]
    let b = Item.«empty»
    b.«call»()
  }
}
"##,
        expect![[r#"
            a.swift:1 empty → field Item.empty a.swift:1 by unique
            a.swift:2 two → variant Kind.two a.swift:2 by unique
            a.swift:6 call → method Item.call a.swift:1 by type
            a.swift:8 call → method Item.call a.swift:1 by type
            a.swift:9 call → method Item.call a.swift:1 by type
            a.swift:10 one → variant Kind.one a.swift:2 by unique
            a.swift:10 n → local n a.swift:10 by scope
            a.swift:10 two → variant Kind.two a.swift:2 by unique
            a.swift:10 empty → field Item.empty a.swift:1 by unique
            a.swift:10 make → method Item.make a.swift:1 by unique
            a.swift:11 one → variant Kind.one a.swift:2 by unique
            a.swift:12 pick → method Kind.pick a.swift:2 by unique
            a.swift:13 call → method Kind.call a.swift:2 by type
            a.swift:14 call → method Kind.call a.swift:2 by file
            a.swift:15 kind → parameter kind a.swift:5 by scope
            a.swift:16 empty → field Item.empty a.swift:1 by file
            a.swift:17 call → method Item.call a.swift:1 by type
        "#]],
    );
}

#[test]
fn members_of_a_cart() {
    check(
        r##"--- Sources/Store/Cart.swift
import Foundation
protocol Priced { var price: Int { get }; func total() -> Int }
extension Priced { func total() -> Int { return «price» } func taxed() -> Int { «total»() + «price» } }
struct Item: Priced { let price: Int; var name: String; func get() -> Int { price } }
class Base { func close() {} func get() -> Item? { nil } var tag = "a" }
final class Cart: Base {
  private var items: [Item] = []
  var first: Item?
  lazy var helper = Helper(cart: self)
  static let shared = Cart()
  let onDone: () -> Void = {}
  init(first: Item) { self.«first» = «first»; super.init() }
  override func close() { super.«close»(); «helper».«run»(); self.helper.«run»(); «tag» }
  func add(_ item: Item) { items.append(item); «first»?.«get»(); self.first!.«get»() }
  func map(_ f: (Item) -> Int) -> [Int] { items.map { f($0) } }
  func sum() -> Int {
    var total = 0
    for item in «items» { «total» += item.«price» }
    if let first = first { print(«first».«name») }
    guard let other = self.first else { return 0 }
    switch kind { case .«one»(let n): return «n»; default: break }
    func inner() -> Int { «total» }
    return «inner»() + other.«total»() + Cart.«shared».«sum»()
  }
  enum Kind { case one(Int), two; var label: String { switch self { case .«one»: return "1"; case .two: return Self.«fallback» } } static let fallback = "x" }
  var kind: Kind = .«two»
}
class Helper { weak var cart: Cart?; init(cart: Cart) { self.cart = cart } func run() { «cart»?.«close»(); cart?.«first»?.«name» } func inner() {} }
typealias Basket = Cart
extension Cart { func extra() { «sum»(); «add»(Item(«price»: 1, name: "")); «Kind».«two» } }
--- Sources/App/main.swift
import Store
let cart = Cart(first: Item(price: 1, name: "x"))
cart.«add»(Item(price: 2, name: "y"))
cart.«kind».«label»
let b: Basket = cart
b.«sum»()
func run(cart: Helper, list: [Item], dict: [String: Item]) {
  «cart».«run»()
  list.«map» { $0.price }
  list.first?.«get»()
  dict["a"]?.«get»()
  let made = Cart.«shared»
  made.«extra»()
  unknown.«get»()
  unknown.«extra»()
  let h = made.helper
  h.«run»()
  makeCart().«close»()
  let opt: Cart? = nil
  opt?.«close»()
  (cart as! Cart).«sum»()
}
func makeCart() -> Cart { .«shared» }
"##,
        expect![[r#"
            Sources/Store/Cart.swift:3 price → property Priced.price Sources/Store/Cart.swift:2 by scope
            Sources/Store/Cart.swift:3 total → method Priced.total Sources/Store/Cart.swift:2 by scope
            Sources/Store/Cart.swift:3 price → property Priced.price Sources/Store/Cart.swift:2 by scope
            Sources/Store/Cart.swift:12 first → field Cart.first Sources/Store/Cart.swift:8 by scope
            Sources/Store/Cart.swift:12 first → parameter first Sources/Store/Cart.swift:12 by scope
            Sources/Store/Cart.swift:13 close → method Base.close Sources/Store/Cart.swift:5 by scope
            Sources/Store/Cart.swift:13 helper → field Cart.helper Sources/Store/Cart.swift:9 by scope
            Sources/Store/Cart.swift:13 run → method Helper.run Sources/Store/Cart.swift:28 by scope
            Sources/Store/Cart.swift:13 run → method Helper.run Sources/Store/Cart.swift:28 by type
            Sources/Store/Cart.swift:13 tag → field Base.tag Sources/Store/Cart.swift:5 by scope
            Sources/Store/Cart.swift:14 first → field Cart.first Sources/Store/Cart.swift:8 by scope
            Sources/Store/Cart.swift:14 get → method Item.get Sources/Store/Cart.swift:4 by scope
            Sources/Store/Cart.swift:14 get → method Item.get Sources/Store/Cart.swift:4 by type
            Sources/Store/Cart.swift:18 items → field Cart.items Sources/Store/Cart.swift:7 by scope
            Sources/Store/Cart.swift:18 total → local total Sources/Store/Cart.swift:17 by scope
            Sources/Store/Cart.swift:18 price → any of property Priced.price Sources/Store/Cart.swift:2, field Item.price Sources/Store/Cart.swift:4
            Sources/Store/Cart.swift:19 first → local first Sources/Store/Cart.swift:19 by scope
            Sources/Store/Cart.swift:19 name → field Item.name Sources/Store/Cart.swift:4 by type
            Sources/Store/Cart.swift:21 one → variant Cart.Kind.one Sources/Store/Cart.swift:25 by unique
            Sources/Store/Cart.swift:21 n → local n Sources/Store/Cart.swift:21 by scope
            Sources/Store/Cart.swift:22 total → local total Sources/Store/Cart.swift:17 by scope
            Sources/Store/Cart.swift:23 inner → function Cart.sum.inner Sources/Store/Cart.swift:22 by scope
            Sources/Store/Cart.swift:23 total → method Priced.total Sources/Store/Cart.swift:2 by type
            Sources/Store/Cart.swift:23 shared → field Cart.shared Sources/Store/Cart.swift:10 by file
            Sources/Store/Cart.swift:23 sum → method Cart.sum Sources/Store/Cart.swift:16 by file
            Sources/Store/Cart.swift:25 one → variant Cart.Kind.one Sources/Store/Cart.swift:25 by unique
            Sources/Store/Cart.swift:25 fallback → field Cart.Kind.fallback Sources/Store/Cart.swift:25 by scope
            Sources/Store/Cart.swift:26 two → variant Cart.Kind.two Sources/Store/Cart.swift:25 by unique
            Sources/Store/Cart.swift:28 cart → field Helper.cart Sources/Store/Cart.swift:28 by scope
            Sources/Store/Cart.swift:28 close → method Cart.close Sources/Store/Cart.swift:13 by scope
            Sources/Store/Cart.swift:28 first → field Cart.first Sources/Store/Cart.swift:8 by scope
            Sources/Store/Cart.swift:28 name → field Item.name Sources/Store/Cart.swift:4 by type
            Sources/Store/Cart.swift:30 sum → method Cart.sum Sources/Store/Cart.swift:16 by scope
            Sources/Store/Cart.swift:30 add → method Cart.add Sources/Store/Cart.swift:14 by scope
            Sources/Store/Cart.swift:30 price → field Item.price Sources/Store/Cart.swift:4 by type
            Sources/Store/Cart.swift:30 Kind → enum Cart.Kind Sources/Store/Cart.swift:25 by scope
            Sources/Store/Cart.swift:30 two → variant Cart.Kind.two Sources/Store/Cart.swift:25 by scope
            Sources/App/main.swift:3 add → method Cart.add Sources/Store/Cart.swift:14 by file
            Sources/App/main.swift:4 kind → field Cart.kind Sources/Store/Cart.swift:26 by file
            Sources/App/main.swift:4 label → property Cart.Kind.label Sources/Store/Cart.swift:25 by file
            Sources/App/main.swift:6 sum → method Cart.sum Sources/Store/Cart.swift:16 by unique
            Sources/App/main.swift:8 cart → parameter cart Sources/App/main.swift:7 by scope
            Sources/App/main.swift:8 run → method Helper.run Sources/Store/Cart.swift:28 by type
            Sources/App/main.swift:9 map → any of method Cart.map Sources/Store/Cart.swift:15
            Sources/App/main.swift:10 get → any of method Item.get Sources/Store/Cart.swift:4, method Base.get Sources/Store/Cart.swift:5
            Sources/App/main.swift:11 get → any of method Item.get Sources/Store/Cart.swift:4, method Base.get Sources/Store/Cart.swift:5
            Sources/App/main.swift:12 shared → field Cart.shared Sources/Store/Cart.swift:10 by unique
            Sources/App/main.swift:13 extra → method Cart.extra Sources/Store/Cart.swift:30 by type
            Sources/App/main.swift:14 get → any of method Item.get Sources/Store/Cart.swift:4, method Base.get Sources/Store/Cart.swift:5
            Sources/App/main.swift:15 extra → method Cart.extra Sources/Store/Cart.swift:30 by unique
            Sources/App/main.swift:17 run → method Helper.run Sources/Store/Cart.swift:28 by type
            Sources/App/main.swift:18 close → method Cart.close Sources/Store/Cart.swift:13 by file
            Sources/App/main.swift:20 close → method Cart.close Sources/Store/Cart.swift:13 by type
            Sources/App/main.swift:21 sum → method Cart.sum Sources/Store/Cart.swift:16 by unique
            Sources/App/main.swift:23 shared → field Cart.shared Sources/Store/Cart.swift:10 by unique
        "#]],
    );
}
