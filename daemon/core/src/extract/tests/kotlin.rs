//! Kotlin.

use expect_test::expect;

use super::{check, outline, uses};
use crate::extract::extract;
use crate::kinds::Language;

const SOURCE: &str = r#"
@file:JvmName("Shops")
package com.example.shop

import kotlin.math.*
import java.util.Date as Day
import com.example.Item

/**
 * A basket.
 */
@Serializable
data class Basket<T : Item>(val items: List<T>, private var count: Int = LIMIT, plain: String) :
    Base<T>(plain), Store by impl where T : Named {
    /** How many. */
    val size: Int get() = items.size
    var label = "x"
        private set
    lateinit var day: java.util.Date
    val total by lazy { compute() }
    val (first, second) = pair

    constructor(x: Int) : this(listOf(), x, "")

    init {
        val q = 1
        println("$q of ${items.size}, not \$q")
    }

    @Inject(LIMIT)
    override suspend fun go(vararg xs: Int, then: (Int) -> Unit = { }): kotlin.Int? {
        val r = items.map { it.name }.filter { (k, v) -> k == v }
        items.forEach { i: Item -> i.run(first = 1, q) }
        items[0] = r ?: return 0
        this.label = r; count++; a.b.c = -count
        a to b
        when (val z = r) {
            is Foo -> z
            else -> throw Oops("e")
        }
        try { risky() } catch (e: Failure) { e.print() }
        val listener = object : Listener, Other() {
            override fun on(e: Event) {}
        }
        fun local(z: Int) = z
        f<Int>(String::length, ::go, Foo::class); make<Foo>(x)
        outer@ for ((k, v) in map) { continue@outer }
        return a?.b!!.c(r as? Foo, fun(x: Int): Int = x)
    }

    companion object : Factory {
        const val MAX = 1
        fun create() = Basket<Item>(MAX)
    }

    enum class Color(val rgb: Int) : Named {
        RED(1) {
            override fun shade() = 2
        },
        @Deprecated GREEN(2);

        abstract fun shade(): Int
    }
}

fun <T> Basket<T>.second(): T = this[1]
val com.example.Item?.short: Char get() = this!!.name[0]
typealias Handler<T> = (T) -> Unit
interface Shape : Drawable {
    val area: Int
    fun draw(on: Canvas)
}
fun interface Check {
    fun check()
}
object Single : Shape {
    override val area = 3
}
const val LIMIT = 10
private val cache = object : HashMap<String, Int>() {
    val hits = 0
    fun clean() = clear()
}
var state = 0
fun `is it so`() = `is it so`()
@Target
annotation class Marker
"#;

#[test]
fn fixture() {
    check(
        Language::Kotlin,
        SOURCE,
        expect![[r#"
            3:21 package shop [3-3] package com.example.shop
            13:12 class Basket < Base, Store [12-64] data class Basket<T : Item>(val items: List<T>, private var count: Int = LIMIT, plain: String) : Base<T>(plain), Store by impl where T : Named // A basket.
            13:33 field Basket.items: List [13-13] val items: List<T>
            13:61 field Basket.count: Int [13-13] private var count: Int = LIMIT
            16:9 property Basket.size: Int [16-16] val size: Int get() = items.size // How many.
            17:9 field Basket.label [17-18] var label = "x" private set
            19:18 field Basket.day: java.util.Date [19-19] lateinit var day: java.util.Date
            20:9 property Basket.total [20-20] val total by lazy
            21:10 field Basket.first [21-21] val (first, second) = pair
            21:17 field Basket.second [21-21] val (first, second) = pair
            23:5 constructor Basket.constructor [23-23] constructor(x: Int) : this(listOf(), x, "")
            31:26 method Basket.go: kotlin.Int [30-49] override suspend fun go(vararg xs: Int, then: (Int) -> Unit = { }): kotlin.Int?
            43:26 method Basket.go.on [43-43] override fun on(e: Event)
            45:13 function Basket.go.local [45-45] fun local(z: Int)
            51:5 class Basket.Companion < Factory [51-54] companion object : Factory
            52:19 constant Basket.Companion.MAX [52-52] const val MAX = 1
            53:13 method Basket.Companion.create: =Basket() [53-53] fun create()
            56:16 enum Basket.Color < Named [56-63] enum class Color(val rgb: Int) : Named
            56:26 field Basket.Color.rgb: Int [56-56] val rgb: Int
            57:9 variant Basket.Color.RED [57-59] RED(1)
            58:26 method Basket.Color.RED.shade [58-58] override fun shade()
            60:21 variant Basket.Color.GREEN [60-60] GREEN(2)
            62:22 method Basket.Color.shade: Int [62-62] abstract fun shade(): Int
            66:19 method Basket.second: T [66-66] fun <T> Basket<T>.second(): T
            67:23 property (Item).short: Char [67-67] val com.example.Item?.short: Char get() = this!!.name[0]
            68:11 type Handler [68-68] typealias Handler<T> = (T) -> Unit
            69:11 interface Shape < Drawable [69-72] interface Shape : Drawable
            70:9 property Shape.area: Int [70-70] val area: Int
            71:9 method Shape.draw [71-71] fun draw(on: Canvas)
            73:15 interface Check [73-75] fun interface Check
            74:9 method Check.check [74-74] fun check()
            76:8 class Single < Shape [76-78] object Single : Shape
            77:18 field Single.area [77-77] override val area = 3
            79:11 constant LIMIT [79-79] const val LIMIT = 10
            80:13 constant cache < HashMap [80-83] private val cache = object : HashMap<String, Int>()
            81:9 field cache.hits [81-81] val hits = 0
            82:9 method cache.clean: =clear() [82-82] fun clean()
            84:5 variable state [84-84] var state = 0
            85:6 function is it so [85-85] fun `is it so`()
            87:18 class Marker [86-87] annotation class Marker
            5:8 import kotlin.math "*"
            6:8 import java.util "Date" as Day
            7:8 import com.example "Item"
        "#]],
        expect![[r#"
            2 in -: decorate JvmName,
            3 in -: read com, read com|example,
            5 in -: import kotlin, import kotlin|math,
            6 in -: import java, import java|util, import java.util|Date, import Day,
            7 in -: import com, import com|example, import com.example|Item,
            12 in Basket: decorate Serializable,
            13 in Basket: type-parameter T: Item&Named, type Item,
            13 in Basket.items: type List, type T^13,
            13 in Basket.count: type Int, read LIMIT,
            13 in Basket: local plain: String, type String,
            14 in Basket: inherit Base, type T^13, read plain^13, inherit Store, read impl, type T^13, type Named,
            16 in Basket.size: type Int, read items, read items|size,
            19 in Basket.day: read java, read java|util, type java.util|Date,
            20 in Basket.total: call lazy, call compute,
            21 in Basket: read pair,
            23 in Basket.constructor: parameter x: Int, type Int, call listOf, read x^23,
            26 in Basket: local q,
            27 in Basket: call println, read q^26, read items, read items|size,
            30 in Basket.go: decorate Inject, read LIMIT,
            31 in Basket.go: parameter xs: Int, type Int, parameter then, type Int, type Unit, read kotlin, type kotlin|Int,
            32 in Basket.go: local r: =items.map().filter(), read items, call items|map, read it, read it|name, call items.map()|filter, local k, local v, read k^32, read v^32,
            33 in Basket.go: read items, call items|forEach, local i: Item, type Item, read i^33, call i|run, write :i.run|first, read q,
            34 in Basket.go: read items, read r^32,
            35 in Basket.go: write this|label, read r^32, write count, read a, read a|b, write a.b|c, read count,
            36 in Basket.go: read a, call to, read b,
            37 in Basket.go: local z, read r^32,
            38 in Basket.go: type Foo, read z^37,
            39 in Basket.go: call Oops,
            41 in Basket.go: call risky, local e: Failure, type Failure, read e^41, call e|print,
            42 in Basket.go: local listener, inherit Listener, inherit Other,
            43 in Basket.go.on: parameter e: Event, type Event,
            45 in Basket.go.local: parameter z: Int, type Int, read z^45,
            46 in Basket.go: call f, type Int, read String, read String|length, read go, read Foo, call make, read Foo, read x,
            47 in Basket.go: local k, local v, read map, read outer,
            48 in Basket.go: read a, read a|b, call a.b|c, read r^32, type Foo, parameter x: Int, type Int, type Int, read x^48,
            51 in Basket.Companion: inherit Factory,
            53 in Basket.Companion.create: call Basket, read Item, read MAX,
            56 in Basket.Color.rgb: type Int,
            56 in Basket.Color: inherit Named,
            60 in Basket.Color.GREEN: decorate Deprecated,
            62 in Basket.Color.shade: type Int,
            66 in Basket.second: type-parameter T, type Basket, type T^66, type T^66,
            67 in (Item).short: read com, read com|example, type com.example|Item, type Char, read this|name,
            68 in Handler: type-parameter T, type T^68, type Unit,
            69 in Shape: inherit Drawable,
            70 in Shape.area: type Int,
            71 in Shape.draw: parameter on: Canvas, type Canvas,
            76 in Single: inherit Shape,
            80 in cache: inherit HashMap, type String, type Int,
            82 in cache.clean: call clear,
            85 in is it so: call is it so,
            86 in -: decorate Target,
            87 in Marker: read annotation,
        "#]],
    );
}

/// The grammar wants a line's end before the brace; when it fails twice it takes what follows for a string.
#[test]
fn code_taken_for_a_string_keeps_its_names() {
    let source =
        "class A { fun one() {} }\nclass B { fun two() {} }\nfun three(four: Int) = five(\"six\") + seven // eight\n";
    let facts = extract(Language::Kotlin, source.as_bytes());
    let expected = expect![[r#"
        1:15 function one [1-1] fun one()
        1 in -: read A,
        2 in -: read B, call two,
        3 in -: call three, read four, read Int, call five, read seven,
    "#]];
    expected.assert_eq(&(outline(&facts) + &uses(&facts)));
}
