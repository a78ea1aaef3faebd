//! Java.

use expect_test::expect;

use super::{check, check_calls, check_derived};

#[test]
fn scopes() {
    check(
        r##"--- A.java
class A {
  int limit = 1;
  int run(int limit, String... rest) {
    int total = «limit» + this.«limit»;
    for (int i = 0; i < total; i++) { int inner = «i» + «total»; use(«inner»); }
    for (String name : «rest») { use(«name»); }
    Runnable r = () -> use(«total»);
    items.forEach(item -> use(«item»));
    try (Reader in = open()) { in.read(); } catch (Failure failure) { «failure».get(); }
    if (x instanceof String text) { use(«text»); }
    return «total»;
  }
  int again() { return «limit»; }
  void use(int x) {}
  <T> T generic(«T» item) { return item; }
  class Inner { int get() { return «limit»; } void use() { «use»(); «again»(); } }
}
"##,
        expect![[r#"
            A.java:4 limit → parameter limit A.java:3 by scope
            A.java:4 limit → field A.limit A.java:2 by scope
            A.java:5 i → local i A.java:5 by scope
            A.java:5 total → local total A.java:4 by scope
            A.java:5 inner → local inner A.java:5 by scope
            A.java:6 rest → parameter rest A.java:3 by scope
            A.java:6 name → local name A.java:6 by scope
            A.java:7 total → local total A.java:4 by scope
            A.java:8 item → parameter item A.java:8 by scope
            A.java:9 failure → local failure A.java:9 by scope
            A.java:10 text → local text A.java:10 by scope
            A.java:11 total → local total A.java:4 by scope
            A.java:13 limit → field A.limit A.java:2 by scope
            A.java:15 T → type-parameter T A.java:15 by scope
            A.java:16 limit → field A.limit A.java:2 by scope
            A.java:16 use → method A.Inner.use A.java:16 by scope
            A.java:16 again → method A.again A.java:13 by scope
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- shop/Base.java
package shop;
public class Base { protected Pool pool; void close() {} static int count; }
--- shop/Pool.java
package shop;
import java.util.List;
public class Pool extends «Base» implements Getter {
  private final List<String> names = null;
  public Pool(String name) { «close»(); super.«close»(); this.«pool».«get»(); }
  public int get() { names.«get»(0); return names.size() + «count»; }
  static Pool make() { return new «Pool»("x"); }
  Pool self() { return this; }
}
--- shop/Getter.java
package shop;
interface Getter { int get(); default int twice() { return «get»() * 2; } }
--- app/App.java
package app;
import shop.Pool;
import shop.*;
import static shop.Pool.make;
import java.util.Map;
class App {
  private Pool pool;
  private Map<String, Pool> map;
  void run(Getter getter, Unknown unknown, String text) {
    pool.«get»();
    pool.self().«self»().«get»();
    pool.«twice»();
    getter.«get»();
    map.«get»("x");
    text.«get»();
    unknown.«get»();
    Pool.«make»().«get»();
    «make»();
    shop.Pool.«make»();
    var local = new «Pool»("x");
    local.«get»();
    Base.«count»++;
    call().«get»();
    App.this.«run»(null, null, null);
    Runnable r = Pool::«make»;
  }
}
"##,
        expect![[r#"
            shop/Pool.java:3 Base → class Base shop/Base.java:2 by package
            shop/Pool.java:5 close → method Base.close shop/Base.java:2 by scope
            shop/Pool.java:5 close → method Base.close shop/Base.java:2 by scope
            shop/Pool.java:5 pool → field Base.pool shop/Base.java:2 by scope
            shop/Pool.java:5 get → method Pool.get shop/Pool.java:6 by type
            shop/Pool.java:6 get → nothing, from outside
            shop/Pool.java:6 count → field Base.count shop/Base.java:2 by scope
            shop/Pool.java:7 Pool → class Pool shop/Pool.java:3 by file
            shop/Getter.java:2 get → method Getter.get shop/Getter.java:2 by scope
            app/App.java:10 get → method Pool.get shop/Pool.java:6 by scope
            app/App.java:11 self → method Pool.self shop/Pool.java:8 by type
            app/App.java:11 get → method Pool.get shop/Pool.java:6 by type
            app/App.java:12 twice → method Getter.twice shop/Getter.java:2 by scope
            app/App.java:13 get → method Getter.get shop/Getter.java:2 by type
            app/App.java:14 get → nothing, from outside
            app/App.java:15 get → nothing, from outside
            app/App.java:16 get → nothing, from outside
            app/App.java:17 make → method Pool.make shop/Pool.java:7 by import
            app/App.java:17 get → method Pool.get shop/Pool.java:6 by import
            app/App.java:18 make → method Pool.make shop/Pool.java:7 by import
            app/App.java:19 make → method Pool.make shop/Pool.java:7 by import
            app/App.java:20 Pool → class Pool shop/Pool.java:3 by import
            app/App.java:21 get → method Pool.get shop/Pool.java:6 by type
            app/App.java:22 count → field Base.count shop/Base.java:2 by import
            app/App.java:23 get → any of method Getter.get shop/Getter.java:2, method Pool.get shop/Pool.java:6
            app/App.java:24 run → method App.run app/App.java:9 by file
            app/App.java:25 make → method Pool.make shop/Pool.java:7 by import
        "#]],
    );
}

#[test]
fn packages() {
    check(
        r##"--- a/Config.java
package a;
public class Config { public static void load() {} }
--- b/Config.java
package b;
public class Config { public static void load() {} class Nested { } enum Mode { ON } }
--- b/Use.java
package b;
class Use { void run(a.«Config» other, Config.«Nested» n) { «Config».«load»(); other.«load»(); Config.Mode.«ON»; } }
--- c/Use.java
package c;
import a.Config;
import b.Config.Mode;
class Use { void run(x) { «Config».«load»(); «Mode».ON; «Missing».go(); } }
"##,
        expect![[r#"
            b/Use.java:2 Config → class Config a/Config.java:2 by import
            b/Use.java:2 Nested → class Config.Nested b/Config.java:2 by package
            b/Use.java:2 Config → class Config b/Config.java:2 by package
            b/Use.java:2 load → method Config.load b/Config.java:2 by package
            b/Use.java:2 load → method Config.load a/Config.java:2 by type
            b/Use.java:2 ON → variant Config.Mode.ON b/Config.java:2 by package
            c/Use.java:4 Config → class Config a/Config.java:2 by import
            c/Use.java:4 load → method Config.load a/Config.java:2 by import
            c/Use.java:4 Mode → enum Config.Mode b/Config.java:2 by import
            c/Use.java:4 Missing → nothing
        "#]],
    );
}

#[test]
fn a_method_is_called_and_the_field_of_its_name_is_not() {
    check(
        r##"--- Scope.java
class Scope {
    private int size;
    int size() { return «size»; }
    int twice() { return this.«size» + this.«size»() + «size»(); }
}
"##,
        expect![[r#"
            Scope.java:3 size → field Scope.size Scope.java:2 by scope
            Scope.java:4 size → field Scope.size Scope.java:2 by scope
            Scope.java:4 size → method Scope.size Scope.java:3 by scope
            Scope.java:4 size → method Scope.size Scope.java:3 by scope
        "#]],
    );
}

#[test]
fn packages_imported_whole() {
    check(
        r##"--- a/Config.java
package a;
public class Config { public static void load() {} }
--- a/Pool.java
package a;
public class Pool {}
--- a/Tools.java
package a;
public class Tools { public static void help() {} }
--- b/Config.java
package b;
public class Config { public static void load() {} }
--- app/Pool.java
package app;
class Pool {}
--- app/App.java
package app;
import a.*;
import b.*;
import java.util.*;
import static a.Tools.*;
class App { void run(«Config» config, «Pool» pool, «Tools» tools, «Map» map) { «help»(); } }
"##,
        expect![[r#"
            app/App.java:6 Config → any of class Config a/Config.java:2, class Config b/Config.java:2
            app/App.java:6 Pool → class Pool app/Pool.java:2 by package
            app/App.java:6 Tools → class Tools a/Tools.java:2 by import
            app/App.java:6 Map → nothing
            app/App.java:6 help → method Tools.help a/Tools.java:2 by import
        "#]],
    );
}

#[test]
fn what_is_caught() {
    check(
        r##"--- Broken.java
class Broken extends Exception { void tell() {} }
--- Torn.java
class Torn extends Exception { void tell() {} }
--- Use.java
class Use {
  void run() {
    try { work(); } catch («Broken» | «Torn» e) { «e».«tell»(); }
    try { work(); } catch (final «Torn» e) { «e».«tell»(); }
  }
}
"##,
        expect![[r#"
            Use.java:3 Broken → class Broken Broken.java:1 by package
            Use.java:3 Torn → class Torn Torn.java:1 by package
            Use.java:3 e → local e Use.java:3 by scope
            Use.java:3 tell → any of method Broken.tell Broken.java:1, method Torn.tell Torn.java:1
            Use.java:4 Torn → class Torn Torn.java:1 by package
            Use.java:4 e → local e Use.java:4 by scope
            Use.java:4 tell → method Torn.tell Torn.java:1 by type
        "#]],
    );
}

#[test]
fn bounds_and_casts() {
    check(
        r##"--- a/Remote.java
package a;
class Remote { void go() {} }
class B7 { void go() {} }
class Use<T extends B7> {
    T held;
    <R extends Remote> void run(R r, Object o, T t) {
        r.«go»();
        t.«go»();
        held.«go»();
        this.held.«go»();
        ((B7) o).«go»();
        o.«go»();
        ((Foreign) o).«go»();
        (o).«go»();
    }
}
"##,
        expect![[r#"
            a/Remote.java:7 go → method Remote.go a/Remote.java:2 by type
            a/Remote.java:8 go → method B7.go a/Remote.java:3 by type
            a/Remote.java:9 go → method B7.go a/Remote.java:3 by scope
            a/Remote.java:10 go → method B7.go a/Remote.java:3 by type
            a/Remote.java:11 go → method B7.go a/Remote.java:3 by file
            a/Remote.java:12 go → any of method Remote.go a/Remote.java:2, method B7.go a/Remote.java:3
            a/Remote.java:13 go → nothing, from outside
            a/Remote.java:14 go → any of method Remote.go a/Remote.java:2, method B7.go a/Remote.java:3
        "#]],
    );
}

#[test]
fn what_nothing_explains_is_not_outside() {
    check(
        r##"--- a/App.java
package a;
import lib.Base;
class Remote { void go() {} void only() {} }
class Other { void go() {} }
class App extends Base {
    void run() {
        inherited.«only»();
        inherited.«go»();
        inherited.child.«only»();
        java.util.Collections.«only»();
        Collections.«only»();
        Base.«only»();
    }
}
"##,
        expect![[r#"
            a/App.java:7 only → method Remote.only a/App.java:3 by unique
            a/App.java:8 go → any of method Remote.go a/App.java:3, method Other.go a/App.java:4
            a/App.java:9 only → method Remote.only a/App.java:3 by unique
            a/App.java:10 only → nothing, from outside
            a/App.java:11 only → nothing, from outside
            a/App.java:12 only → nothing, from outside
        "#]],
    );
}

#[test]
fn java_lang_is_seen_everywhere() {
    check(
        r##"--- java/lang/RuntimeException.java
package java.lang;
public class RuntimeException extends Exception {}
--- java/lang/Runnable.java
package java.lang;
public interface Runnable { void run(); }
--- java/lang/Thread.java
package java.lang;
public class Thread { public static Thread current() { return null; } void begin() {} }
--- other/Runnable.java
package other;
public interface Runnable {}
--- app/Failure.java
package app;
class Failure extends «RuntimeException» implements «Runnable» {
    @«Override» public void run() { «Thread».«current»().«begin»(); throw new «RuntimeException»(); }
    «String» name() { throw new «IllegalStateException»(); }
    «Unheard» other;
}
--- app/Own.java
package app;
import other.Runnable;
class Own implements «Runnable» { class Thread {} «Thread» thread; }
"##,
        expect![[r#"
            app/Failure.java:2 RuntimeException → class RuntimeException java/lang/RuntimeException.java:2 by import
            app/Failure.java:2 Runnable → interface Runnable java/lang/Runnable.java:2 by import
            app/Failure.java:3 Override → nothing, from outside
            app/Failure.java:3 Thread → class Thread java/lang/Thread.java:2 by import
            app/Failure.java:3 current → method Thread.current java/lang/Thread.java:2 by import
            app/Failure.java:3 begin → method Thread.begin java/lang/Thread.java:2 by import
            app/Failure.java:3 RuntimeException → class RuntimeException java/lang/RuntimeException.java:2 by import
            app/Failure.java:4 String → nothing, from outside
            app/Failure.java:4 IllegalStateException → nothing, from outside
            app/Failure.java:5 Unheard → nothing
            app/Own.java:3 Runnable → interface Runnable other/Runnable.java:2 by import
            app/Own.java:3 Thread → class Own.Thread app/Own.java:3 by scope
        "#]],
    );
}

#[test]
fn what_inherits_from_java_lang_is_found_with_and_without_it() {
    let outside = "--- app/Failure.java
package app;
class Failure extends RuntimeException {}
class Worse extends Failure {}
class Other extends app.gone.RuntimeException {}
";
    check_derived(
        outside,
        &["RuntimeException", "app/Failure.java:2:25"],
        expect![[r#"
        RuntimeException
          app/Failure.java:2 Failure < RuntimeException → outside
          app/Failure.java:4 Other < app.gone.RuntimeException → outside
          app/Failure.java:3 Worse < Failure → app/Failure.java
        app/Failure.java:2:25
          app/Failure.java:2 Failure < RuntimeException → outside
          app/Failure.java:4 Other < app.gone.RuntimeException → outside
          app/Failure.java:3 Worse < Failure → app/Failure.java
          RuntimeException is imported from outside of the index
    "#]],
    );
    let inside = format!(
        "{outside}--- java/lang/RuntimeException.java\npackage java.lang;\npublic class RuntimeException {{}}\n"
    );
    check_derived(
        &inside,
        &["RuntimeException"],
        expect![[r#"
        RuntimeException
          app/Failure.java:2 Failure < RuntimeException → java/lang/RuntimeException.java
          app/Failure.java:4 Other < app.gone.RuntimeException → outside
          app/Failure.java:3 Worse < Failure → app/Failure.java
    "#]],
    );
}

#[test]
fn an_annotation_is_no_call() {
    let project = "--- app/Note.java
package app;
@interface Note {}
class App { @Note @Deprecated void run() { stop(); } void stop() {} }
";
    check_calls(
        project,
        "App.run",
        false,
        expect![[r#"
        app/Note.java:3 App.run stop → App.stop scope
    "#]],
    );
    check_calls(
        project,
        "Note",
        true,
        expect![[r#"
        nothing in the index calls Note
    "#]],
    );
}
