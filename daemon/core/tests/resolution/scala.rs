//! Scala.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.scala
object Main {
  val limit = 1
  def run(limit: Int, rest: List[String]): Int = {
    val total = «limit» + 1
    for (item <- «rest») use(«item»)
    val f = (x: Int) => «x» + «total»
    def inner(y: Int) = «y»
    maybe match { case Some(found) => «found»; case other => «other» }
    «inner»(1) + «f»(2)
  }
  def again = «limit»
  def generic[T](item: «T») = item
}
class Box(val size: Int, plain: Int) { def get = «size» + «plain» + this.«size» }
"##,
        expect![[r#"
            a.scala:4 limit → parameter limit a.scala:3 by scope
            a.scala:5 rest → parameter rest a.scala:3 by scope
            a.scala:5 item → local item a.scala:5 by scope
            a.scala:6 x → parameter x a.scala:6 by scope
            a.scala:6 total → local total a.scala:4 by scope
            a.scala:7 y → parameter y a.scala:7 by scope
            a.scala:8 found → local found a.scala:8 by scope
            a.scala:8 other → local other a.scala:8 by scope
            a.scala:9 inner → function Main.run.inner a.scala:7 by scope
            a.scala:9 f → local f a.scala:6 by scope
            a.scala:11 limit → field Main.limit a.scala:2 by scope
            a.scala:12 T → type-parameter T a.scala:12 by scope
            a.scala:14 size → field Box.size a.scala:14 by scope
            a.scala:14 plain → local plain a.scala:14 by scope
            a.scala:14 size → field Box.size a.scala:14 by scope
        "#]],
    );
}

#[test]
fn members_and_packages() {
    check(
        r##"--- shop/Pool.scala
package shop
class Base { def close(): Unit = {} }
trait Getter { def get: Int; def twice = «get» * 2 }
class Pool(val name: String) extends «Base» with «Getter» {
  def get: Int = { «close»(); super.«close»(); 1 }
}
object Pool { def make(): Pool = new «Pool»("x"); val Max = 1 }
--- app/App.scala
package app
import shop.{Pool, Base => Root}
import shop._
class App(pool: Pool, other: Root) {
  def run(getter: Getter, unknown: Unknown, list: List[Pool]): Unit = {
    pool.«get»
    pool.«twice»
    other.«close»()
    getter.«get»
    unknown.«get»
    Pool.«make»().«get»
    Pool.«Max»
    val local = new «Pool»("x")
    local.«name»
    shop.Pool.«make»()
    this.«run»(getter, unknown, list)
  }
}
"##,
        expect![[r#"
            shop/Pool.scala:3 get → method Getter.get shop/Pool.scala:3 by scope
            shop/Pool.scala:4 Base → class Base shop/Pool.scala:2 by file
            shop/Pool.scala:4 Getter → trait Getter shop/Pool.scala:3 by file
            shop/Pool.scala:5 close → method Base.close shop/Pool.scala:2 by scope
            shop/Pool.scala:5 close → method Base.close shop/Pool.scala:2 by scope
            shop/Pool.scala:7 Pool → class Pool shop/Pool.scala:4, class Pool shop/Pool.scala:7 by file
            app/App.scala:6 get → method Pool.get shop/Pool.scala:5 by type
            app/App.scala:7 twice → method Getter.twice shop/Pool.scala:3 by type
            app/App.scala:8 close → method Base.close shop/Pool.scala:2 by type
            app/App.scala:9 get → method Getter.get shop/Pool.scala:3 by type
            app/App.scala:10 get → any of method Getter.get shop/Pool.scala:3, method Pool.get shop/Pool.scala:5
            app/App.scala:11 make → method Pool.make shop/Pool.scala:7 by import
            app/App.scala:11 get → method Pool.get shop/Pool.scala:5 by import
            app/App.scala:12 Max → field Pool.Max shop/Pool.scala:7 by import
            app/App.scala:13 Pool → class Pool shop/Pool.scala:4, class Pool shop/Pool.scala:7 by import
            app/App.scala:14 name → field Pool.name shop/Pool.scala:4 by type
            app/App.scala:15 make → method Pool.make shop/Pool.scala:7 by import
            app/App.scala:16 run → method App.run app/App.scala:5 by scope
        "#]],
    );
}

#[test]
fn packages_imported_whole() {
    check(
        r##"--- a/All.scala
package a
class Config
class Pool
object Tools { def inside() = 1 }
--- b/All.scala
package b
class Config
--- app/Pool.scala
package app
class Pool
--- app/App.scala
package app
import a._
import b.*
import a.Tools._
class App(config: «Config», pool: «Pool») { def run() = «inside»() }
"##,
        expect![[r#"
            app/App.scala:5 Config → any of class Config a/All.scala:2, class Config b/All.scala:2
            app/App.scala:5 Pool → class Pool app/Pool.scala:2 by package
            app/App.scala:5 inside → method Tools.inside a/All.scala:4 by import
        "#]],
    );
}

#[test]
fn types_that_say_nothing() {
    check(
        r##"--- a.scala
class Rocket { def ignite() = {}; def land() = {} }
class Boat { def land() = {} }
class Use {
  def run(any: Any, ref: AnyRef) = {
    any.«ignite»()
    ref.«land»()
  }
}
"##,
        expect![[r#"
            a.scala:5 ignite → method Rocket.ignite a.scala:1 by unique
            a.scala:6 land → any of method Rocket.land a.scala:1, method Boat.land a.scala:2
        "#]],
    );
}

#[test]
fn infix_calls_and_packages_around() {
    check(
        r##"--- a.scala
package shop.tools
object Kit { def open(): Int = 1; def +(o: Int) = 2; def to(n: Int) = 3 }
class Box { def put(n: Int): Box = this; def +(b: Box): Box = b }
--- b.scala
package shop
import tools.Kit
import shop.tools
class Main[T <: tools.Box](t: T, b: tools.Box) {
  def run(): Unit = { Kit.«open»(); tools.Kit.«open»(); t.«put»(1); b «put» 2; b «put» 3 «put» 4; 1 «to» 3; x «+» 1; b «+» b }
}
"##,
        expect![[r#"
            b.scala:5 open → method Kit.open a.scala:2 by import
            b.scala:5 open → method Kit.open a.scala:2 by import
            b.scala:5 put → any of method Box.put a.scala:3
            b.scala:5 put → method Box.put a.scala:3 by type
            b.scala:5 put → method Box.put a.scala:3 by type
            b.scala:5 put → any of method Box.put a.scala:3
            b.scala:5 to → nothing
            b.scala:5 + → nothing
            b.scala:5 + → nothing
        "#]],
    );
}

#[test]
fn members_of_a_cart() {
    check(
        r##"--- src/main/scala/shop/Item.scala
package shop
import scala.collection.mutable
trait Priced { def price: Int; def total: Int = «price» * 2 }
abstract class Base(val tag: String) { def close(): Unit = (); def get(k: Int): Item = null }
case class Item(price: Int, name: String) extends Base("x") with Priced {
  private val next: Option[Item] = None
  var first: Item = null
  def add(item: Item): Item = { item.«close»(); «first».«add»(item); this.«first».«price»; «tag»; this }
  override def close(): Unit = { super.«close»(); «total» }
  def map(f: Item => Int): Int = { def inner(x: Int) = «x» + «price»; «inner»(1) + f(this) }
}
object Item { val Limit = 3; def make(p: Int): Item = «Item»(p, "a"); def apply(s: String): Item = «make»(«Limit») }
sealed trait Shape
object Shape { case class Circle(r: Int) extends «Shape»; case object Dot extends Shape; def area(s: Shape) = s match { case «Circle»(r) => «r»; case «Dot» => 0 } }
package object tools { def assist(): Int = 1 }
--- src/main/scala/app/Main.scala
package app
import shop.{Item, Priced => P}
import shop.Shape._
import shop.tools.assist
class Cart[T <: Item](items: List[Item], val owner: P) {
  val cache = new Item(1, "b")
  lazy val other: Item = Item.«make»(2)
  def run(a: Item, b: P)(implicit c: Item): Unit = {
    a.«total»; b.«total»; c.«close»(); «owner».«total»; «cache».«add»(a).«add»(a); other.«close»()
    for (item <- items) { «item».«close»() }
    items.«map»(x => «x».«price»); items.foreach { case Item(p, n) => «p» }
    val made = «Item»("s"); made.«close»()
    val t: T = null; t.«close»()
    «area»(«Circle»(1)); «Dot»; «assist»()
    unknown.«get»(1); unknown.«add»(2)
    val f = (i: Item) => «i».«name»
    a match { case i: Item => i.«close»(); case _ => }
    Item.«Limit»; «helper»; this.«helper»; Cart.«default».«run»(a, b)
    val Item(q, w) = a; «q»
    a copy (price = 2); a «add» a
    given x: Item = a; «x».«close»()
  }
  private def helper = 1
}
object Cart { val default = new Cart(Nil, null) }
"##,
        expect![[r#"
            src/main/scala/shop/Item.scala:3 price → method Priced.price src/main/scala/shop/Item.scala:3 by scope
            src/main/scala/shop/Item.scala:8 close → method Item.close src/main/scala/shop/Item.scala:9 by type
            src/main/scala/shop/Item.scala:8 first → field Item.first src/main/scala/shop/Item.scala:7 by scope
            src/main/scala/shop/Item.scala:8 add → method Item.add src/main/scala/shop/Item.scala:8 by scope
            src/main/scala/shop/Item.scala:8 first → field Item.first src/main/scala/shop/Item.scala:7 by scope
            src/main/scala/shop/Item.scala:8 price → field Item.price src/main/scala/shop/Item.scala:5 by type
            src/main/scala/shop/Item.scala:8 tag → field Base.tag src/main/scala/shop/Item.scala:4 by scope
            src/main/scala/shop/Item.scala:9 close → method Base.close src/main/scala/shop/Item.scala:4 by scope
            src/main/scala/shop/Item.scala:9 total → method Priced.total src/main/scala/shop/Item.scala:3 by scope
            src/main/scala/shop/Item.scala:10 x → parameter x src/main/scala/shop/Item.scala:10 by scope
            src/main/scala/shop/Item.scala:10 price → field Item.price src/main/scala/shop/Item.scala:5 by scope
            src/main/scala/shop/Item.scala:10 inner → function Item.map.inner src/main/scala/shop/Item.scala:10 by scope
            src/main/scala/shop/Item.scala:12 Item → class Item src/main/scala/shop/Item.scala:5, class Item src/main/scala/shop/Item.scala:12 by file
            src/main/scala/shop/Item.scala:12 make → method Item.make src/main/scala/shop/Item.scala:12 by scope
            src/main/scala/shop/Item.scala:12 Limit → field Item.Limit src/main/scala/shop/Item.scala:12 by scope
            src/main/scala/shop/Item.scala:14 Shape → trait Shape src/main/scala/shop/Item.scala:13, class Shape src/main/scala/shop/Item.scala:14 by file
            src/main/scala/shop/Item.scala:14 Circle → class Shape.Circle src/main/scala/shop/Item.scala:14 by scope
            src/main/scala/shop/Item.scala:14 r → local r src/main/scala/shop/Item.scala:14 by scope
            src/main/scala/shop/Item.scala:14 Dot → class Shape.Dot src/main/scala/shop/Item.scala:14 by scope
            src/main/scala/app/Main.scala:7 make → method Item.make src/main/scala/shop/Item.scala:12 by import
            src/main/scala/app/Main.scala:9 total → method Priced.total src/main/scala/shop/Item.scala:3 by type
            src/main/scala/app/Main.scala:9 total → method Priced.total src/main/scala/shop/Item.scala:3 by type
            src/main/scala/app/Main.scala:9 close → method Item.close src/main/scala/shop/Item.scala:9 by type
            src/main/scala/app/Main.scala:9 owner → field Cart.owner src/main/scala/app/Main.scala:5 by scope
            src/main/scala/app/Main.scala:9 total → method Priced.total src/main/scala/shop/Item.scala:3 by scope
            src/main/scala/app/Main.scala:9 cache → field Cart.cache src/main/scala/app/Main.scala:6 by scope
            src/main/scala/app/Main.scala:9 add → method Item.add src/main/scala/shop/Item.scala:8 by scope
            src/main/scala/app/Main.scala:9 add → method Item.add src/main/scala/shop/Item.scala:8 by type
            src/main/scala/app/Main.scala:9 close → method Item.close src/main/scala/shop/Item.scala:9 by scope
            src/main/scala/app/Main.scala:10 item → local item src/main/scala/app/Main.scala:10 by scope
            src/main/scala/app/Main.scala:10 close → any of method Base.close src/main/scala/shop/Item.scala:4, method Item.close src/main/scala/shop/Item.scala:9
            src/main/scala/app/Main.scala:11 map → any of method Item.map src/main/scala/shop/Item.scala:10
            src/main/scala/app/Main.scala:11 x → local x src/main/scala/app/Main.scala:11 by scope
            src/main/scala/app/Main.scala:11 price → any of method Priced.price src/main/scala/shop/Item.scala:3, field Item.price src/main/scala/shop/Item.scala:5
            src/main/scala/app/Main.scala:11 p → local p src/main/scala/app/Main.scala:11 by scope
            src/main/scala/app/Main.scala:12 Item → class Item src/main/scala/shop/Item.scala:5, class Item src/main/scala/shop/Item.scala:12 by import
            src/main/scala/app/Main.scala:12 close → method Item.close src/main/scala/shop/Item.scala:9 by type
            src/main/scala/app/Main.scala:13 close → any of method Base.close src/main/scala/shop/Item.scala:4, method Item.close src/main/scala/shop/Item.scala:9
            src/main/scala/app/Main.scala:14 area → method Shape.area src/main/scala/shop/Item.scala:14 by import
            src/main/scala/app/Main.scala:14 Circle → class Shape.Circle src/main/scala/shop/Item.scala:14 by import
            src/main/scala/app/Main.scala:14 Dot → class Shape.Dot src/main/scala/shop/Item.scala:14 by import
            src/main/scala/app/Main.scala:14 assist → function tools.assist src/main/scala/shop/Item.scala:15 by import
            src/main/scala/app/Main.scala:15 get → any of method Base.get src/main/scala/shop/Item.scala:4
            src/main/scala/app/Main.scala:15 add → any of method Item.add src/main/scala/shop/Item.scala:8
            src/main/scala/app/Main.scala:16 i → parameter i src/main/scala/app/Main.scala:16 by scope
            src/main/scala/app/Main.scala:16 name → field Item.name src/main/scala/shop/Item.scala:5 by type
            src/main/scala/app/Main.scala:17 close → method Item.close src/main/scala/shop/Item.scala:9 by type
            src/main/scala/app/Main.scala:18 Limit → field Item.Limit src/main/scala/shop/Item.scala:12 by import
            src/main/scala/app/Main.scala:18 helper → method Cart.helper src/main/scala/app/Main.scala:23 by scope
            src/main/scala/app/Main.scala:18 helper → method Cart.helper src/main/scala/app/Main.scala:23 by scope
            src/main/scala/app/Main.scala:18 default → field Cart.default src/main/scala/app/Main.scala:25 by file
            src/main/scala/app/Main.scala:18 run → method Cart.run src/main/scala/app/Main.scala:8 by file
            src/main/scala/app/Main.scala:19 q → local q src/main/scala/app/Main.scala:19 by scope
            src/main/scala/app/Main.scala:20 add → method Item.add src/main/scala/shop/Item.scala:8 by type
            src/main/scala/app/Main.scala:21 x → nothing
            src/main/scala/app/Main.scala:21 close → any of method Base.close src/main/scala/shop/Item.scala:4, method Item.close src/main/scala/shop/Item.scala:9
        "#]],
    );
}
