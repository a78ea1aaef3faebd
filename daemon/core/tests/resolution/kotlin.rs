//! Kotlin.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.kt
val limit = 1
fun run(limit: Int, rest: List<String>): Int {
    val total = «limit» + 1
    for (item in «rest») { use(«item») }
    val f = { x: Int -> «x» + «total» }
    fun inner(y: Int) = «y»
    try { } catch (e: Failure) { «e».print() }
    return «inner»(1) + «f»(2)
}
fun again() = «limit»
class Box(val size: Int, plain: Int) {
    val double = «size» + «plain»
    fun get(limit: Int) = «size» + «limit» + this.«double»
    fun <T> generic(item: «T») = item
}
"##,
        expect![[r#"
            a.kt:3 limit → parameter limit a.kt:2 by scope
            a.kt:4 rest → parameter rest a.kt:2 by scope
            a.kt:4 item → local item a.kt:4 by scope
            a.kt:5 x → local x a.kt:5 by scope
            a.kt:5 total → local total a.kt:3 by scope
            a.kt:6 y → parameter y a.kt:6 by scope
            a.kt:7 e → local e a.kt:7 by scope
            a.kt:8 inner → function run.inner a.kt:6 by scope
            a.kt:8 f → local f a.kt:5 by scope
            a.kt:10 limit → constant limit a.kt:1 by file
            a.kt:12 size → field Box.size a.kt:11 by scope
            a.kt:12 plain → local plain a.kt:11 by scope
            a.kt:13 size → field Box.size a.kt:11 by scope
            a.kt:13 limit → parameter limit a.kt:13 by scope
            a.kt:13 double → field Box.double a.kt:12 by scope
            a.kt:14 T → type-parameter T a.kt:14 by scope
        "#]],
    );
}

#[test]
fn members_and_packages() {
    check(
        r##"--- shop/Pool.kt
package shop
open class Base { fun close() {} }
interface Getter { fun get(): Int }
class Pool(val name: String) : «Base»(), «Getter» {
    private val names = listOf<String>()
    override fun get(): Int {
        «close»()
        super.«close»()
        return names.«get»(0)
    }
    companion object {
        fun make() = «Pool»("x")
        const val MAX = 1
    }
}
fun Pool.extended() {
    this.«get»()
    «close»()
}
fun topLevel() {}
--- app/App.kt
package app
import shop.Pool
import shop.extended
import shop.Pool as Alias
import shop.*
class App(private val pool: Pool, var other: Alias?) {
    fun run(getter: Getter, unknown: Unknown, list: List<Pool>) {
        pool.«get»()
        other?.«close»()
        getter.«get»()
        unknown.«get»()
        list.«get»(0)
        Pool.«make»().«get»()
        Pool.«MAX»
        «Alias»("x").«name»
        val local = «Pool»(«name» = "x")
        local.«extended»()
        «topLevel»()
        shop.«topLevel»()
        this.«run»(getter, unknown, list)
    }
}
--- java/Use.java
package app;
class Use { void run(shop.«Pool» pool) { pool.«get»(); } }
"##,
        expect![[r#"
            shop/Pool.kt:4 Base → class Base shop/Pool.kt:2 by file
            shop/Pool.kt:4 Getter → interface Getter shop/Pool.kt:3 by file
            shop/Pool.kt:7 close → method Base.close shop/Pool.kt:2 by scope
            shop/Pool.kt:8 close → method Base.close shop/Pool.kt:2 by scope
            shop/Pool.kt:9 get → any of method Getter.get shop/Pool.kt:3, method Pool.get shop/Pool.kt:6
            shop/Pool.kt:12 Pool → class Pool shop/Pool.kt:4 by file
            shop/Pool.kt:17 get → method Pool.get shop/Pool.kt:6 by scope
            shop/Pool.kt:18 close → method Base.close shop/Pool.kt:2 by scope
            app/App.kt:8 get → method Pool.get shop/Pool.kt:6 by scope
            app/App.kt:9 close → method Base.close shop/Pool.kt:2 by scope
            app/App.kt:10 get → method Getter.get shop/Pool.kt:3 by type
            app/App.kt:11 get → any of method Getter.get shop/Pool.kt:3, method Pool.get shop/Pool.kt:6
            app/App.kt:12 get → any of method Getter.get shop/Pool.kt:3, method Pool.get shop/Pool.kt:6
            app/App.kt:13 make → method Pool.Companion.make shop/Pool.kt:12 by import
            app/App.kt:13 get → method Pool.get shop/Pool.kt:6 by import
            app/App.kt:14 MAX → constant Pool.Companion.MAX shop/Pool.kt:13 by import
            app/App.kt:15 Alias → class Pool shop/Pool.kt:4 by import
            app/App.kt:15 name → field Pool.name shop/Pool.kt:4 by import
            app/App.kt:16 Pool → class Pool shop/Pool.kt:4 by import
            app/App.kt:16 name → field Pool.name shop/Pool.kt:4 by type
            app/App.kt:17 extended → method Pool.extended shop/Pool.kt:16 by type
            app/App.kt:18 topLevel → function topLevel shop/Pool.kt:20 by import
            app/App.kt:19 topLevel → function topLevel shop/Pool.kt:20 by import
            app/App.kt:20 run → method App.run app/App.kt:7 by scope
            java/Use.java:2 Pool → class Pool shop/Pool.kt:4 by import
            java/Use.java:2 get → method Pool.get shop/Pool.kt:6 by type
        "#]],
    );
}

#[test]
fn packages_imported_whole() {
    check(
        r##"--- a/All.kt
package a
class Config
class Pool
fun help() {}
object Tools { fun inside() {} }
--- b/All.kt
package b
class Config
--- app/Pool.kt
package app
class Pool
--- app/App.kt
package app
import a.*
import b.*
import a.Tools.*
fun run(config: «Config», pool: «Pool») { «help»(); «inside»() }
"##,
        expect![[r#"
            app/App.kt:5 Config → any of class Config a/All.kt:2, class Config b/All.kt:2
            app/App.kt:5 Pool → class Pool app/Pool.kt:2 by package
            app/App.kt:5 help → function help a/All.kt:4 by import
            app/App.kt:5 inside → method Tools.inside a/All.kt:5 by import
        "#]],
    );
}

#[test]
fn results_of_expressions() {
    check(
        r##"--- Shop.kt
class Item { fun show() {} }
class Shop {
    fun first() = Item()
    fun again() = first()
    fun typed(): Item = other()
    fun block() { Item() }
    fun chosen(flag: Boolean) = if (flag) Item() else null
    fun given(other: Item) = other
    fun passed(shop: Shop) = shop.first()
}
val other = Other()
fun make() = Shop()
fun Shop.extended() = first()
fun all(shop: Shop) {
    shop.first().«show»()
    shop.again().«show»()
    shop.typed().«show»()
    shop.block().«show»()
    make().«first»().«show»()
    shop.extended().«show»()
    val local = make().again()
    local.«show»()
    shop.chosen(true).«show»()
    shop.given(Item()).«show»()
    shop.passed(shop).«show»()
}
class Other { fun show() {} fun first() {} fun extended() {} }
"##,
        expect![[r#"
            Shop.kt:15 show → method Item.show Shop.kt:1 by type
            Shop.kt:16 show → method Item.show Shop.kt:1 by type
            Shop.kt:17 show → method Item.show Shop.kt:1 by type
            Shop.kt:18 show → method Item.show Shop.kt:1 by unique
            Shop.kt:19 first → method Shop.first Shop.kt:3 by file
            Shop.kt:19 show → method Item.show Shop.kt:1 by file
            Shop.kt:20 show → method Item.show Shop.kt:1 by type
            Shop.kt:22 show → method Item.show Shop.kt:1 by type
            Shop.kt:23 show → method Item.show Shop.kt:1 by unique
            Shop.kt:24 show → method Item.show Shop.kt:1 by type
            Shop.kt:25 show → method Item.show Shop.kt:1 by type
        "#]],
    );
}

#[test]
fn lambdas() {
    check(
        r##"--- a.kt
package a
class Rocket { fun ignite() {} fun land() {} fun fuel() {} }
class Boat { fun land() {} }
open class Base { fun base() {} }
class Use : Base() {
    fun use(rockets: List<Rocket>, rocket: Rocket, any: Any) {
        rockets.forEach { it.«ignite»() }
        rockets.forEach { it.«land»() }
        rockets.map { x -> x.«ignite»() }
        rocket.apply { «ignite»() }
        rocket.run { «land»() }
        with(rocket) { «fuel»() }
        with(rocket) { «base»(); «helper»(); «println»() }
        any.«ignite»()
        (any as Boat).«land»()
    }
    fun <T : Rocket> bounded(t: T) { t.«land»() }
    fun <T> where(t: T) where T : Boat { t.«land»() }
    fun outside() { «ignite»() }
}
fun helper() {}
"##,
        expect![[r#"
            a.kt:7 ignite → method Rocket.ignite a.kt:2 by unique
            a.kt:8 land → any of method Rocket.land a.kt:2, method Boat.land a.kt:3
            a.kt:9 ignite → method Rocket.ignite a.kt:2 by unique
            a.kt:10 ignite → method Rocket.ignite a.kt:2 by type
            a.kt:11 land → method Rocket.land a.kt:2 by type
            a.kt:12 fuel → method Rocket.fuel a.kt:2 by type
            a.kt:13 base → method Base.base a.kt:4 by scope
            a.kt:13 helper → function helper a.kt:21 by file
            a.kt:13 println → nothing
            a.kt:14 ignite → method Rocket.ignite a.kt:2 by unique
            a.kt:15 land → method Boat.land a.kt:3 by file
            a.kt:17 land → method Rocket.land a.kt:2 by type
            a.kt:18 land → method Boat.land a.kt:3 by type
            a.kt:19 ignite → any of method Rocket.ignite a.kt:2
        "#]],
    );
}

#[test]
fn blocks_that_are_given_something() {
    check(
        r##"--- a.kt
package shop
class Pool {
  fun start() {}
  fun close() {}
  val size = 1
  fun add(n: Int) = this
}
class Main(val pool: Pool) {
  fun start() {}
  fun run(other: Pool) {
    pool.apply { «start»(); this.«close»(); print(«size») }
    with(pool) { «start»(); «close»() }
    other.run { «start»() }
    other.let { it.«start»(); «start»() }
    other.also { it.«close»(); this.«start»() }
    Pool().apply { «add»(1) }.«close»()
    listOf(pool).forEach { it.«start»(); «start»() }
    buildString { «close»() }
    val made = Pool().also { it.«add»(1) }
    made.«close»()
    «pool».«start»()
    other.let { p -> listOf(1).forEach { it.«start»() } }
    other.let { listOf(1).forEach { it.«start»() }; it.«start»() }
    other.apply { other.also { it.«add»(1); «close»() } ; val start = 1; «start» }
    missing().apply { this.«start»(); «size» }
    pool?.apply { this@Main.«start»() }
    with(other.add(1)) { «add»(2).«add»(3) }
    run { «start»() }
  }
}
"##,
        expect![[r#"
            a.kt:11 start → method Pool.start a.kt:3 by type
            a.kt:11 close → method Pool.close a.kt:4 by scope
            a.kt:11 size → field Pool.size a.kt:5 by type
            a.kt:12 start → method Pool.start a.kt:3 by type
            a.kt:12 close → method Pool.close a.kt:4 by type
            a.kt:13 start → method Pool.start a.kt:3 by type
            a.kt:14 start → method Pool.start a.kt:3 by type
            a.kt:14 start → method Main.start a.kt:9 by scope
            a.kt:15 close → method Pool.close a.kt:4 by type
            a.kt:15 start → method Main.start a.kt:9 by scope
            a.kt:16 add → method Pool.add a.kt:6 by type
            a.kt:16 close → method Pool.close a.kt:4 by file
            a.kt:17 start → any of method Pool.start a.kt:3, method Main.start a.kt:9
            a.kt:17 start → method Main.start a.kt:9 by scope
            a.kt:18 close → any of method Pool.close a.kt:4
            a.kt:19 add → method Pool.add a.kt:6 by file
            a.kt:20 close → method Pool.close a.kt:4 by type
            a.kt:21 pool → field Main.pool a.kt:8 by scope
            a.kt:21 start → method Pool.start a.kt:3 by scope
            a.kt:22 start → any of method Pool.start a.kt:3, method Main.start a.kt:9
            a.kt:23 start → any of method Pool.start a.kt:3, method Main.start a.kt:9
            a.kt:23 start → method Pool.start a.kt:3 by type
            a.kt:24 add → method Pool.add a.kt:6 by type
            a.kt:24 close → method Pool.close a.kt:4 by type
            a.kt:24 start → local start a.kt:24 by scope
            a.kt:25 start → any of method Pool.start a.kt:3, method Main.start a.kt:9
            a.kt:25 size → nothing
            a.kt:26 start → any of method Pool.start a.kt:3, method Main.start a.kt:9
            a.kt:27 add → method Pool.add a.kt:6 by type
            a.kt:27 add → method Pool.add a.kt:6 by type
            a.kt:28 start → method Main.start a.kt:9 by scope
        "#]],
    );
}
