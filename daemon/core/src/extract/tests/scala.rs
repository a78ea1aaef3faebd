//! Scala 2 and 3.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
package com.example.shop

import scala.collection.mutable.{Map => MutableMap, Set, _}
import java.util.List
import a.b._, c.D

/** A basket. */
@Entity("b")
case class Basket[+T <: Item : Ordering, F[_]](items: List[T], private var count: Int = Limit)(implicit ev: Ev)
    extends Base[T](items) with shop.Store[T] { self: Named =>
  type Elem = T
  /* Not documentation. */
  val size: Int = items.size
  val (a, b) = pair
  val c, d: Int = 1
  lazy val e = { val q = 1; q + 1 }
  var f: Int

  private[shop] def go[A](x: Int, f: Int => A)(using ctx: Ctx): Option[A] = {
    val r = items.map(_.name).filter { case (k, Some(v)) => k == v; case Foo => true }
    items foreach println
    x match {
      case Foo(y, z @ Bar(_)) if y > 1 => y
      case n: Int => n
      case `x` | Limit => s"a $x ${x.y} b"
      case h :: t => t
    }
    r(0) = 1; this.f = 2; x += 1; a.f = 3
    for { i <- 1 to 10; j = i } yield i * j
    val o = new Listener { override def on(e: Event) = e }
    f[Int](x = 1, y)
    items.map { x: Int => x }
    items.map((x, y: Int) => x)
    try risky() catch { case e: IOException => throw new Oops(e) }
    def local(z: Int) = z
    list toList
  }

  def this(x: Int) = this(Nil, x)
  def ::(x: T): Basket[T]
  def name_=(x: String): Unit = ()
}

trait Shape { def area: Double; val width: Int }
object Basket { val Max = new Limit { val hard = 1; def soft = 2 }; def apply() = new Basket }
case object Empty extends Basket
package object util { def helper = 1 }
class Circle(val radius: Int, plain: String, override val r: A#B)
"#;

#[test]
fn fixture() {
    check(
        Language::Scala,
        SOURCE,
        expect![[r#"
            2:21 package shop [2-2] package com.example.shop
            10:12 class Basket < Base, shop.Store [9-43] case class Basket[+T <: Item : Ordering, F[_]](items: List[T], private var count: Int = Limit)(implicit ev: Ev) extends Base[T](items) with shop.Store[T] // A basket.
            10:48 field Basket.items: List [10-10] items: List[T]
            10:76 field Basket.count: Int [10-10] private var count: Int = Limit
            12:8 type Basket.Elem: T [12-12] type Elem = T
            14:7 field Basket.size: Int [14-14] val size: Int = items.size
            15:8 field Basket.a [15-15] val (a, b) = pair
            15:11 field Basket.b [15-15] val (a, b) = pair
            16:7 field Basket.c: Int [16-16] val c, d: Int = 1
            16:10 field Basket.d: Int [16-16] val c, d: Int = 1
            17:12 field Basket.e [17-17] lazy val e
            18:7 field Basket.f: Int [18-18] var f: Int
            20:21 method Basket.go: Option [20-38] private[shop] def go[A](x: Int, f: Int => A)(using ctx: Ctx): Option[A]
            31:41 method Basket.go.on [31-31] override def on(e: Event)
            36:9 function Basket.go.local [36-36] def local(z: Int)
            40:7 constructor Basket.this [40-40] def this(x: Int)
            41:7 method Basket.::: Basket [41-41] def ::(x: T): Basket[T]
            42:7 method Basket.name_=: Unit [42-42] def name_=(x: String): Unit
            45:7 trait Shape [45-45] trait Shape
            45:19 method Shape.area: Double [45-45] def area: Double
            45:37 field Shape.width: Int [45-45] val width: Int
            46:8 class Basket [46-46] object Basket
            46:21 field Basket.Max: =Limit() [46-46] val Max = new Limit
            46:43 field Basket.Max.hard [46-46] val hard = 1
            46:57 method Basket.Max.soft [46-46] def soft
            46:73 method Basket.apply [46-46] def apply()
            47:13 class Empty < Basket [47-47] case object Empty extends Basket
            48:16 module util [48-48] package object util
            48:27 function util.helper [48-48] def helper
            49:7 class Circle [49-49] class Circle(val radius: Int, plain: String, override val r: A#B)
            49:18 field Circle.radius: Int [49-49] val radius: Int
            49:59 field Circle.r [49-49] override val r: A#B
            4:34 import scala.collection.mutable "Map" as MutableMap
            4:53 import scala.collection.mutable "Set"
            4:58 import scala.collection.mutable "*"
            5:8 import java.util "List"
            6:12 import a.b "*"
            6:15 import c "D"
        "#]],
        expect![[r#"
            2 in shop: read com, read com|example,
            4 in -: import scala, import collection, import mutable, import Map, import MutableMap, import Set,
            5 in -: import java, import util, import List,
            6 in -: import a, import b, import c, import D,
            9 in Basket: decorate Entity,
            10 in Basket: type-parameter T, type Item, type Ordering, type-parameter F, type List, type T^10,
            10 in Basket.count: type Int, read Limit,
            10 in Basket: local ev: Ev, type Ev,
            11 in Basket: inherit Base, type T^10, read items, read shop, inherit shop|Store, type T^10, local self, type Named,
            12 in Basket.Elem: type T^10,
            14 in Basket.size: type Int, read items, read items|size,
            15 in Basket: read pair,
            16 in Basket.c: type Int,
            17 in Basket.e: local q, read q^17, call +,
            18 in Basket.f: type Int,
            20 in Basket.go: read shop, type-parameter A, parameter x: Int, type Int, parameter f: Int, type Int, type A^20, parameter ctx: Ctx, type Ctx, type Option, type A^20,
            21 in Basket.go: local r: =items.map().filter(), read items, call items|map, read _|name, call items.map()|filter, local k, type Some, local v, read k^21, call ==, read v^21, read Foo,
            22 in Basket.go: read items, call items|foreach, read println,
            23 in Basket.go: read x^20,
            24 in Basket.go: type Foo, local y, local z, type Bar, read y^24, call >, read y^24,
            25 in Basket.go: local n: Int, type Int, read n^25,
            26 in Basket.go: read x^20, read Limit, call s, read x^20, read x^20, read x|y,
            27 in Basket.go: local h, call ::, local t, read t^27,
            29 in Basket.go: call r^21, write this|f, write x^20, call +=, read a, write a|f,
            30 in Basket.go: local i, call to, local j, read i^30, read i^30, call *, read j^30,
            31 in Basket.go: local o: =Listener(), call Listener,
            31 in Basket.go.on: parameter e: Event, type Event, read e^31,
            32 in Basket.go: call f^20, type Int, write :f|x, read y,
            33 in Basket.go: read items, call items|map, local x, type Int, read x^33,
            34 in Basket.go: read items, call items|map, parameter x, parameter y: Int, type Int, read x^34,
            35 in Basket.go: call risky, local e: IOException, type IOException, call Oops, read e^35,
            36 in Basket.go.local: parameter z: Int, type Int, read z^36,
            37 in Basket.go: read list, call toList,
            40 in Basket.this: parameter x: Int, type Int, read Nil, read x^40,
            41 in Basket.::: parameter x: T, type T^10, type Basket, type T^10,
            42 in Basket.name_=: parameter x: String, type String, type Unit,
            45 in Shape.area: type Double,
            45 in Shape.width: type Int,
            46 in Basket.Max: call Limit,
            46 in Basket.apply: call Basket,
            47 in Empty: inherit Basket,
            49 in Circle.radius: type Int,
            49 in Circle: local plain: String, type String,
            49 in Circle.r: type A, type B,
        "#]],
    );
}

#[test]
fn third_version() {
    let source = r#"
import cats.syntax.all.{given, *}
import a.b as c
export foo.{bar, baz as qux}

enum Color(val rgb: Int) extends Named derives Eq:
  /** Red. */
  case Red extends Color(1)
  case Green, Blue
  case Mix(a: Int)
  def shade = 1
end Color

trait Ord[T]:
  def compare(x: T, y: T): Int

given intOrd: Ord[Int] with
  def compare(x: Int, y: Int) = x - y
given Ord[String] with
  def compare(x: String, y: String) = 1
given listOrd[T](using ord: Ord[T]): Ord[List[T]] = ???

extension [T](xs: List[T])
  def second: T = xs(1)

opaque type Id = Int
val topLevel = 1
var state = 2

@main def run(args: String*): Unit =
  val y = topLevel
  if y == 1 then
    args.map: x =>
      x + y
  else `type`(y)
"#;
    check(
        Language::Scala,
        source,
        expect![[r#"
            6:6 enum Color < Named, Eq [6-12] enum Color(val rgb: Int) extends Named derives Eq
            6:16 field Color.rgb: Int [6-6] val rgb: Int
            8:8 variant Color.Red < Color [8-8] case Red extends Color(1) // Red.
            9:8 variant Color.Green [9-9] case Green
            9:15 variant Color.Blue [9-9] Blue
            10:8 variant Color.Mix [10-10] case Mix(a: Int)
            10:12 field Color.Mix.a: Int [10-10] a: Int
            11:7 method Color.shade [11-11] def shade
            14:7 trait Ord [14-16] trait Ord[T]
            15:7 method Ord.compare: Int [15-15] def compare(x: T, y: T): Int
            17:7 class intOrd < Ord [17-18] given intOrd: Ord[Int] with
            18:7 method intOrd.compare [18-18] def compare(x: Int, y: Int)
            19:7 impl Ord < Ord [19-20] given Ord[String] with
            20:7 method Ord.compare [20-20] def compare(x: String, y: String)
            21:7 constant listOrd [21-21] given listOrd[T](using ord: Ord[T]): Ord[List[T]]
            23:19 impl List [23-25] extension [T](xs: List[T])
            24:7 method List.second: T [24-24] def second: T
            26:13 type Id: Int [26-26] opaque type Id = Int
            27:5 constant topLevel [27-27] val topLevel = 1
            28:5 variable state [28-28] var state = 2
            30:11 function run: Unit [30-35] def run(args: String*): Unit
            2:25 import cats.syntax.all "given"
            2:32 import cats.syntax.all "*"
            3:10 import a "b" as c
            4:13 import foo "bar"
            4:18 import foo "baz" as qux
        "#]],
        expect![[r#"
            2 in -: import cats, import syntax, import all,
            3 in -: import a, import b, import c,
            4 in -: import foo, import bar, import baz, import qux,
            6 in Color.rgb: type Int,
            6 in Color: inherit Named, inherit Eq,
            8 in Color.Red: inherit Color,
            10 in Color.Mix: type Int,
            12 in Color: read Color,
            14 in Ord: type-parameter T,
            15 in Ord.compare: parameter x: T, type T^14, parameter y: T, type T^14, type Int,
            17 in intOrd: inherit Ord, type Int,
            18 in intOrd.compare: parameter x: Int, type Int, parameter y: Int, type Int, read x^18, call -, read y^18,
            19 in Ord: inherit Ord, type String,
            20 in Ord.compare: parameter x: String, type String, parameter y: String, type String,
            21 in listOrd: type-parameter T, parameter ord, type Ord, type T^21, type Ord, type List, type T^21, call ???,
            23 in List: type-parameter T, parameter xs, type List, type T^23,
            24 in List.second: type T^23, call xs,
            26 in Id: type Int,
            30 in run: decorate main, parameter args: String, type String, type Unit,
            31 in run: local y: =topLevel, read topLevel,
            32 in run: read y^31, call ==,
            33 in run: read args^30, call args|map, local x,
            34 in run: read x^33, call +, read y^31,
            35 in run: call type, read y^31,
        "#]],
    );
}
