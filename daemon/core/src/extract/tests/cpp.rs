//! C++.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
#include <vector>
#include "shop/item.h"

#define TWICE(x) ((x) * helper::two)

using std::string;
using namespace shop;
namespace fs = std::filesystem;

namespace shop::detail {

template <typename T, int N = 4> class Pool;

/// A basket.
template <typename T>
class Basket final : public Store<T>, private detail::Base {
public:
    using value_type = T;
    enum class Color : int { Red, Green = 2 };
    explicit Basket(int limit) : limit_(limit), items_{} { reserve(limit); }
    Basket(Basket&&) = delete;
    ~Basket();
    virtual int size() const = 0;
    T& at(size_t index);
    bool operator==(const Basket& other) const { return other.limit_ == limit_; }
    static Basket* make(string name = "x");
    friend void swap(Basket& a, Basket& b);
private:
    int limit_ = LIMIT, used_;
    std::vector<T> items_;
};

int Basket::size() const {
    auto [first, second] = pair();
    for (const auto& item : items_) total += item.get<int>();
    auto add = [this, &first](int by) { return limit_ + by; };
    return std::max<int>(add(1), this->limit_);
}

Basket::~Basket() { delete data; }

}

extern int counter;
static const std::string names[] = {"a"};
struct Point { int x, y; int norm() const; };
template <class T> concept Sized = requires(T one) { one.size(); };
[[nodiscard]] int run(Point p = Point(), int* out = nullptr) noexcept;
int run(Point p, int* out) { Point* q = new Point(p); *out = q->x; return shop::detail::go(out); }

NAMESPACE_BEGIN(shop)
class SHOP_API Shelf : public Store<int> {
    SHOP_OBJECT(Shelf, "a")
    SHOP_COPY(Shelf);
public:
    SHOP_INLINE Shelf(int size) : size_(size) {}
    int size() const SHOP_REQUIRES(mutex_) { using Local = int; Local copy = size_; return copy; }
private:
    int size_ SHOP_GUARDED(mutex_);
};
NAMESPACE_END(shop)
"#;

#[test]
fn fixture() {
    check(
        Language::Cpp,
        SOURCE,
        expect![[r#"
            5:9 macro TWICE [5-5] #define TWICE(x)
            11:17 namespace detail [11-43] namespace shop::detail
            13:40 class declared detail.Pool [13-13] template <typename T, int N = 4> class Pool
            17:7 class detail.Basket < Store, detail::Base [16-32] class Basket final : public Store<T>, private detail::Base // A basket.
            19:11 type detail.Basket.value_type: T [19-19] using value_type = T
            20:16 enum detail.Basket.Color [20-20] enum class Color : int
            20:30 variant detail.Basket.Color.Red [20-20] Red
            20:35 variant detail.Basket.Color.Green [20-20] Green = 2
            21:14 constructor detail.Basket.Basket [21-21] explicit Basket(int limit) : limit_(limit), items_{}
            22:5 constructor detail.Basket.Basket [22-22] Basket(Basket&&) = delete
            23:5 method declared detail.Basket.~Basket [23-23] ~Basket()
            24:17 method declared detail.Basket.size: int [24-24] virtual int size() const = 0
            25:8 method declared detail.Basket.at: T [25-25] T& at(size_t index)
            26:10 method detail.Basket.operator==: bool [26-26] bool operator==(const Basket& other) const
            27:20 method declared detail.Basket.make: Basket [27-27] static Basket* make(string name = "x")
            28:17 function declared detail.Basket.swap: void [28-28] void swap(Basket& a, Basket& b)
            30:9 field detail.Basket.limit_: int [30-30] int limit_ = LIMIT, used_
            30:25 field detail.Basket.used_: int [30-30] int limit_ = LIMIT, used_
            31:20 field detail.Basket.items_: std::vector [31-31] std::vector<T> items_
            34:13 method detail.Basket.size: int [34-39] int Basket::size() const
            41:9 method detail.Basket.~Basket [41-41] Basket::~Basket()
            45:12 variable declared counter: int [45-45] extern int counter
            46:26 variable names: std::string [46-46] static const std::string names[] = {"a"}
            47:8 struct Point [47-47] struct Point
            47:20 field Point.x: int [47-47] int x, y
            47:23 field Point.y: int [47-47] int x, y
            47:30 method declared Point.norm: int [47-47] int norm() const
            48:28 type Sized [48-48] template <class T> concept Sized = requires(T one) { one.size(); }
            49:19 function declared run: int [49-49] [[nodiscard]] int run(Point p = Point(), int* out = nullptr) noexcept
            50:5 function run: int [50-50] int run(Point p, int* out)
            53:16 class Shelf < Store [53-61] class SHOP_API Shelf : public Store<int>
            57:17 constructor Shelf.Shelf [57-57] SHOP_INLINE Shelf(int size) : size_(size)
            58:9 method Shelf.size: int [58-58] int size() const SHOP_REQUIRES(mutex_)
            60:9 field Shelf.size_: int [60-60] int size_ SHOP_GUARDED(mutex_)
            2:10 import vector "*" exported
            3:10 import shop/item.h "*" exported
            7:7 import std "string" exported
            8:17 import shop "*" exported
            9:1 import std::filesystem "" as fs exported
        "#]],
        expect![[r#"
            5 in TWICE: parameter x, read x^5, read helper, read helper|two,
            7 in -: import std, import std|string,
            8 in -: import shop,
            9 in -: import fs, import std, import filesystem,
            11 in detail: read shop,
            13 in detail: type-parameter T, parameter N: int,
            16 in detail: type-parameter T,
            17 in detail.Basket: inherit Store, type T^16, read detail, inherit detail|Base,
            19 in detail.Basket.value_type: type T^16,
            21 in detail.Basket.Basket: parameter limit: int, write this|limit_, read limit^21, write this|items_, call reserve, read limit^21,
            22 in detail.Basket.Basket: type Basket,
            25 in detail.Basket: type T^16, type size_t, parameter index,
            26 in detail.Basket.operator==: type Basket, parameter other: Basket, read other^26, read other|limit_, read limit_,
            27 in detail.Basket: type Basket, type string, parameter name,
            28 in detail.Basket: type Basket, parameter a, type Basket, parameter b,
            30 in detail.Basket: read LIMIT,
            31 in detail.Basket: read std, type std|vector, type T^16,
            34 in detail.Basket.size: read Basket,
            35 in detail.Basket.size: local first, local second, call pair,
            36 in detail.Basket.size: local item, read items_, write total, read item^36, call item|get,
            37 in detail.Basket.size: local add, read first^35, parameter by: int, read limit_, read by^37,
            38 in detail.Basket.size: read std, call std|max, call add^37, read this|limit_,
            41 in detail.Basket.~Basket: read Basket, read data,
            46 in -: read std, type std|string,
            48 in -: type-parameter T,
            48 in Sized: type T^48, parameter one: T, read one^48, call one|size,
            49 in -: decorate nodiscard, type Point, parameter p, call Point, parameter out,
            50 in run: type Point, parameter p: Point, parameter out: int, type Point, local q: Point, call Point, read p^50, read out^50, read q^50, read q|x, read shop, read detail, call shop::detail|go, read out^50,
            52 in -: call NAMESPACE_BEGIN, read shop,
            53 in Shelf: read SHOP_API, inherit Store,
            54 in Shelf: call SHOP_OBJECT, read Shelf,
            55 in Shelf: call SHOP_COPY, read Shelf,
            57 in Shelf: read SHOP_INLINE,
            57 in Shelf.Shelf: parameter size: int, write this|size_, read size^57,
            58 in Shelf.size: call SHOP_REQUIRES, read mutex_, local Local: int, type Local^58, local copy: Local, read size_, read copy^58,
            60 in Shelf: call SHOP_GUARDED, read mutex_,
            62 in -: call NAMESPACE_END, read shop,
        "#]],
    );
}
