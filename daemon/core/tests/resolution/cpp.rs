//! C++.

use expect_test::expect;

use super::{check, check_named};

#[test]
fn scopes() {
    check(
        r##"--- a.cpp
int limit = 1;
namespace ns { int limit = 2; int get() { return «limit»; } }
class Box {
  int limit;
  void set(int size);
  int run(int limit) { return «limit» + this->«limit»; }
  int size() { return «size»() + «limit»; }
  Box(int limit) : «limit»(«limit») {}
};
int run() {
  auto fn = [&](int limit) { return «limit»; };
  for (auto item : items()) use(«item»);
  { int limit = 3; use(«limit»); }
  return «limit» + ns::«limit» + ns::«get»() + «fn»(1);
}
template <typename T> T generic(«T» item) { return «item»; }
"##,
        expect![[r#"
            a.cpp:2 limit → variable ns.limit a.cpp:2 by file
            a.cpp:6 limit → parameter limit a.cpp:6 by scope
            a.cpp:6 limit → field Box.limit a.cpp:4 by scope
            a.cpp:7 size → method Box.size a.cpp:7 by scope
            a.cpp:7 limit → field Box.limit a.cpp:4 by scope
            a.cpp:8 limit → field Box.limit a.cpp:4 by scope
            a.cpp:8 limit → parameter limit a.cpp:8 by scope
            a.cpp:11 limit → parameter limit a.cpp:11 by scope
            a.cpp:12 item → local item a.cpp:12 by scope
            a.cpp:13 limit → local limit a.cpp:13 by scope
            a.cpp:14 limit → variable limit a.cpp:1 by file
            a.cpp:14 limit → variable ns.limit a.cpp:2 by file
            a.cpp:14 get → function ns.get a.cpp:2 by file
            a.cpp:14 fn → local fn a.cpp:11 by scope
            a.cpp:16 T → type-parameter T a.cpp:16 by scope
            a.cpp:16 item → parameter item a.cpp:16 by scope
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- pool.h
#pragma once
#include <vector>
namespace shop {
class Base { public: void close(); int count; };
class Pool : public «Base» {
 public:
  explicit Pool(int size);
  int get() const;
  static Pool make();
  std::vector<int> items;
  Base base;
 private:
  int size_;
};
enum class Mode { On, Off };
}
--- pool.cpp
#include "pool.h"
namespace shop {
Pool::Pool(int size) : «size_»(size) { «close»(); }
int Pool::get() const { items.«get»(); base.«close»(); return «size_» + «count» + this->«get»(); }
Pool Pool::make() { return Pool(1); }
void Base::close() {}
}
--- main.cpp
#include "pool.h"
using namespace shop;
using Alias = shop::Pool;
class App { Pool pool; std::unique_ptr<Pool> owned; int run(Pool& other); };
int App::run(Pool& other) {
  pool.«get»();
  owned->«get»();
  other.«close»();
  Pool::«make»().«get»();
  shop::Pool::«make»();
  auto local = Pool(1);
  local.«get»();
  Alias alias(1);
  alias.«get»();
  std::vector<int> list;
  list.«get»(0);
  unknown.«get»();
  std::«max»(1, 2);
  return (int)Mode::«On» + «run»(other);
}
"##,
        expect![[r#"
            pool.h:5 Base → class shop.Base pool.h:4 by file
            pool.cpp:3 size_ → field shop.Pool.size_ pool.h:13 by scope
            pool.cpp:3 close → method shop.Base.close pool.cpp:6 by scope
            pool.cpp:4 get → any of method shop.Pool.get pool.cpp:4
            pool.cpp:4 close → method shop.Base.close pool.cpp:6 by scope
            pool.cpp:4 size_ → field shop.Pool.size_ pool.h:13 by scope
            pool.cpp:4 count → field shop.Base.count pool.h:4 by scope
            pool.cpp:4 get → method shop.Pool.get pool.cpp:4 by scope
            main.cpp:6 get → method shop.Pool.get pool.cpp:4 by scope
            main.cpp:7 get → method shop.Pool.get pool.cpp:4 by scope
            main.cpp:8 close → method shop.Base.close pool.cpp:6 by type
            main.cpp:9 make → method shop.Pool.make pool.cpp:5 by import
            main.cpp:9 get → method shop.Pool.get pool.cpp:4 by import
            main.cpp:10 make → method shop.Pool.make pool.cpp:5 by import
            main.cpp:12 get → method shop.Pool.get pool.cpp:4 by type
            main.cpp:14 get → method shop.Pool.get pool.cpp:4 by type
            main.cpp:16 get → any of method shop.Pool.get pool.cpp:4
            main.cpp:17 get → any of method shop.Pool.get pool.cpp:4
            main.cpp:18 max → nothing, from outside
            main.cpp:19 On → variant shop.Mode.On pool.h:15 by import
            main.cpp:19 run → method App.run main.cpp:5 by scope
        "#]],
    );
}

#[test]
fn items_of_containers_are_unknown() {
    check(
        r##"--- a.cpp
#include <vector>
struct Shape { void area(); };
struct Other { void area(); void only(); };
std::vector<Shape> all;
void run(std::vector<Shape> shapes) {
    for (auto& s : shapes) { s.«area»(); s.«only»(); }
    for (auto* s : all) s->«area»();
    for (Shape& s : shapes) s.«area»();
}
"##,
        expect![[r#"
            a.cpp:6 area → any of method Shape.area a.cpp:2, method Other.area a.cpp:3
            a.cpp:6 only → method Other.only a.cpp:3 by unique
            a.cpp:7 area → any of method Shape.area a.cpp:2, method Other.area a.cpp:3
            a.cpp:8 area → method Shape.area a.cpp:2 by type
        "#]],
    );
}

#[test]
fn other_names_of_namespaces() {
    check(
        r##"--- in.h
namespace ns { namespace in {
struct Remote { void push(); };
void freefn(int x);
} }
namespace other { void freefn(int x); struct Remote { void push(); }; }
--- in.cpp
#include "in.h"
void ns::in::freefn(int x) {}
--- main.cpp
#include "in.h"
namespace ni = ns::in;
namespace far = boost::filesystem;
using ns::in::freefn;
void run() {
  ni::«Remote» r;
  ni::«freefn»(1);
  r.«push»();
  «ni»::«missing»();
  far::«exists»();
}
"##,
        expect![[r#"
            main.cpp:6 Remote → struct ns.in.Remote in.h:2 by import
            main.cpp:7 freefn → function ns.in.freefn in.h:3 by import
            main.cpp:8 push → method ns.in.Remote.push in.h:2 by type
            main.cpp:9 ni → namespace ns.in in.h:1 by import
            main.cpp:9 missing → nothing, from outside
            main.cpp:10 exists → nothing, from outside
        "#]],
    );
}

#[test]
fn operators() {
    check(
        r##"--- a.hpp
namespace geo {
struct Point {
  int x;
  explicit operator bool() const { return x; }
  operator const char *() const;
  operator std::vector<int>&();
  Point operator+(const Point &other) const;
  Point &operator+=(const Point &other);
  bool operator==(const Point &) const = default;
  int &operator[](int at);
  int operator()(int a, int b) { return a; }
  Point *operator->();
  void *operator new(size_t size);
  void operator delete(void *p);
  void operator delete[](void *p);
};
Point operator-(Point a, Point b);
std::ostream &operator<<(std::ostream &out, const Point &p) { return out << p.«x»; }
Point operator""_pt(long double value);
}
--- a.cc
#include "a.hpp"
namespace geo {
Point Point::operator+(const Point &other) const { return Point{«x» + other.«x»}; }
Point::operator const char *() const { return "" + «x»; }
Point &Point::operator+=(const Point &other) { «x» += other.«x»; return this->«operator+»(other); }
}
Point operator-(Point p) { return Point::«operator+»(p); }
"##,
        expect![[r#"
            a.hpp:18 x → field geo.Point.x a.hpp:3 by type
            a.cc:3 x → field geo.Point.x a.hpp:3 by scope
            a.cc:3 x → field geo.Point.x a.hpp:3 by type
            a.cc:4 x → field geo.Point.x a.hpp:3 by scope
            a.cc:5 x → field geo.Point.x a.hpp:3 by scope
            a.cc:5 x → field geo.Point.x a.hpp:3 by type
            a.cc:5 operator+ → method geo.Point.operator+ a.cc:3 by scope
            a.cc:7 operator+ → method geo.Point.operator+ a.cc:3 by import
        "#]],
    );
}

#[test]
fn operators_have_names() {
    check_named(
        r##"--- a.hpp
struct Point {
  explicit operator bool() const { return x; }
  operator const char *() const;
  operator std::vector<int>&();
  Point operator+(const Point &other) const;
  Point & operator += (const Point &other);
  int &operator[](int at);
  int operator () (int a, int b) { return a; }
  void *operator new(size_t size);
  void operator delete[](void *p);
  auto operator<=>(const Point &) const = default;
};
std::ostream &operator<<(std::ostream &out, const Point &p) { return out; }
Point operator""_pt(long double value);
Point operator-(Point a, Point b);
--- a.cc
#include "a.hpp"
Point::operator const char *() const { return ""; }
"##,
        &[
            "operator bool",
            "operator const char *",
            "operator const char*",
            "operator std::vector<int>&",
            "operator+",
            "operator+=",
            "Point::operator[]",
            "operator()",
            "operator new",
            "operator delete[]",
            "operator<=>",
            "operator<<",
            "operator\"\"_pt",
            "operator-",
        ],
        expect![[r#"
            operator bool → method Point.operator bool a.hpp:2
            operator const char * → method Point.operator const char* a.cc:2, method Point.operator const char* a.hpp:3
            operator const char* → method Point.operator const char* a.cc:2, method Point.operator const char* a.hpp:3
            operator std::vector<int>& → method Point.operator std::vector<int>& a.hpp:4
            operator+ → method Point.operator+ a.hpp:5
            operator+= → method Point.operator+= a.hpp:6
            Point::operator[] → method Point.operator[] a.hpp:7
            operator() → method Point.operator() a.hpp:8
            operator new → method Point.operator new a.hpp:9
            operator delete[] → method Point.operator delete[] a.hpp:10
            operator<=> → method Point.operator<=> a.hpp:11
            operator<< → function operator<< a.hpp:13
            operator""_pt → function operator""_pt a.hpp:14
            operator- → function operator- a.hpp:15
        "#]],
    );
}

#[test]
fn members_are_asked_for_through_an_alias() {
    check_named(
        r##"--- a.hpp
namespace deep { class Pool { public: void open(); int size; }; }
using Basin = deep::Pool;
typedef deep::Pool Lake;
--- a.cpp
#include "a.hpp"
void deep::Pool::open() {}
"##,
        &["Basin::open", "Lake::size", "deep::Pool::open"],
        expect![[r#"
            Basin::open → method Pool.open a.cpp:2 by unique
            Lake::size → field deep.Pool.size a.hpp:1 by unique
            deep::Pool::open → method deep.Pool.open a.hpp:1
        "#]],
    );
}
