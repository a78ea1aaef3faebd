//! Java.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
package org.example.shop;

import java.util.List;
import java.util.function.*;
import static org.example.Limits.MAX;

/**
 * A basket.
 */
@Entity(name = "basket")
public abstract class Basket<T extends Item> extends Base.Store<T> implements Iterable<T>, Closeable {
    private static final int LIMIT = MAX, other[];
    /** Its items. */
    @Inject
    protected List<T> items;

    static { register(Basket.class); }

    public Basket(List<T> items, String... tags) {
        super(tags);
        this.items = items;
    }

    // not documentation
    @Override
    public int size() throws IOException {
        int count = 0;
        for (final T item : items) count += item.size();
        try (var in = open()) { in.read(); } catch (IOException | Oops e) { throw new Failure(e); }
        items.forEach(one -> { String text = one.name(); log(text); });
        if (items instanceof Sized sized && sized.n > LIMIT) return sized.n;
        Runnable task = new Runnable() { @Override public void run() { items.stream().map(Item::name); } };
        return count++;
    }

    abstract Map.Entry<K, V> first();

    enum Color implements Named { RED(1), GREEN { int value() { return 2; } }; final int code; }
}

record Point(int x, @NonNull Coord y) { Point { check(x); } }

sealed interface Shape permits Circle { double AREA = 1.0; double area(Scale by); }

@interface Entity { String name() default ""; }
"#;

#[test]
fn fixture() {
    check(
        Language::Java,
        SOURCE,
        expect![[r#"
            2:21 package shop [2-2] package org.example.shop
            12:23 class Basket < Base.Store, Iterable, Closeable [11-40] public abstract class Basket<T extends Item> extends Base.Store<T> implements Iterable<T>, Closeable // A basket.
            13:30 field Basket.LIMIT: int [13-13] private static final int LIMIT = MAX, other[]
            13:43 field Basket.other: int [13-13] private static final int LIMIT = MAX, other[]
            16:23 field Basket.items: List [15-16] @Inject protected List<T> items // Its items.
            20:12 constructor Basket.Basket [20-23] public Basket(List<T> items, String... tags)
            27:16 method Basket.size: int [26-35] public int size() throws IOException
            33:64 method Basket.size.run: void [33-33] public void run()
            37:30 method Basket.first: Map.Entry [37-37] abstract Map.Entry<K, V> first()
            39:10 enum Basket.Color < Named [39-39] enum Color implements Named
            39:35 variant Basket.Color.RED [39-39] RED(1)
            39:43 variant Basket.Color.GREEN [39-39] GREEN
            39:55 method Basket.Color.GREEN.value: int [39-39] int value()
            39:90 field Basket.Color.code: int [39-39] final int code
            42:8 class Point [42-42] record Point(int x, @NonNull Coord y)
            42:18 field Point.x: int [42-42] x
            42:36 field Point.y: Coord [42-42] y
            42:41 constructor Point.Point [42-42] Point
            44:18 interface Shape [44-44] sealed interface Shape permits Circle
            44:48 constant Shape.AREA: double [44-44] double AREA = 1.0
            44:67 method Shape.area: double [44-44] double area(Scale by)
            46:12 interface Entity [46-46] @interface Entity
            46:28 method Entity.name: String [46-46] String name() default ""
            4:8 import java.util "List"
            5:8 import java.util.function "*"
            6:15 import org.example.Limits "MAX"
        "#]],
        expect![[r#"
            2 in -: read org, read org|example,
            4 in -: import java, import java|util, import java.util|List,
            5 in -: import java, import java|util, import java.util|function,
            6 in -: import org, import org|example, import org.example|Limits, import org.example.Limits|MAX,
            11 in Basket: decorate Entity, write :Entity|name,
            12 in Basket: type-parameter T: Item, type Item, read Base, inherit Base|Store, type T^12, inherit Iterable, type T^12, inherit Closeable,
            13 in Basket: read MAX,
            15 in Basket: decorate Inject,
            16 in Basket: type List, type T^12,
            18 in Basket: call register, type Basket,
            20 in Basket.Basket: type List, type T^12, parameter items: List, type String, parameter tags,
            21 in Basket.Basket: read tags^20,
            22 in Basket.Basket: write this|items, read items^20,
            26 in Basket.size: decorate Override,
            27 in Basket.size: type IOException,
            28 in Basket.size: local count: int,
            29 in Basket.size: type T^12, local item: T, read items, write count^28, read item^29, call item|size,
            30 in Basket.size: local in: =open(), call open, read in^30, call in|read, type IOException, type Oops, local e: IOException|Oops, call Failure, read e^30,
            31 in Basket.size: read items, call items|forEach, parameter one, type String, local text: String, read one^31, call one|name, call log, read text^31,
            32 in Basket.size: read items, type Sized, local sized: Sized, read sized^32, read sized|n, read LIMIT, read sized^32, read sized|n,
            33 in Basket.size: type Runnable, local task: Runnable, call Runnable,
            33 in Basket.size.run: decorate Override, read items, call items|stream, call items.stream()|map, read Item, read Item|name,
            34 in Basket.size: write count^28,
            37 in Basket.first: read Map, type Map|Entry, type K, type V,
            39 in Basket.Color: inherit Named,
            42 in Point: decorate NonNull, type Coord,
            42 in Point.Point: call check, read x,
            44 in Shape: type Circle,
            44 in Shape.area: type Scale, parameter by: Scale,
            46 in Entity.name: type String,
        "#]],
    );
}
