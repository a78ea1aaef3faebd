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
