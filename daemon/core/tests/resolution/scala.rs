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
