//! C.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
/*
 * Buffers.
 */
#include <stdio.h>
#include "util/list.h"

#define LIMIT 10
// Larger of two.
#define MAX(a, b) ((a) > (b) ? compare(a) : list->head.next) \
    + LIMIT

struct forward;

/* A buffer. */
struct buffer {
    char *data; /* bytes */
    size_t len, cap;
    int (*on_full)(struct buffer *self, uint32_t n);
    struct { int x; } point;
    unsigned ready : 1;
};

typedef struct {
    int id;
} entry, *entry_ptr;

typedef enum color { RED, GREEN = LIMIT } color_t;
typedef int (*callback)(void *);
union value { int i; float f; };

extern int errors;
static const char *names[] = { "a", [RED] = "b" };
int counter = 0, *cursor;

int parse(const char *text, struct buffer *out);
char *(*handler)(int);

/* Fills it.
   Slowly. */
static inline struct buffer *
fill(struct buffer *b, size_t n)
{
    struct buffer copy = { .data = 0, .len = n };
    int i, total = 0;
    for (i = 0; i < n; i++) {
        b->data[i] = (char)next();
        total += b->point.x;
    }
    if (b->on_full && !b->on_full(b, n)) goto done;
    handler(MAX(i, sizeof(struct buffer)));
done:
    return b;
}

#ifdef DEBUG
void trace(void) { printf("%s\n", names[RED]); }
#endif

#define SHIFT(x) ((x) /* of a word */ << LIMIT)
API_EXPORT(int) api_open(const char *path);
API_INTERNAL struct buffer *api_buffer(NOESCAPE const char *path) { return API_WRAP(path); }
typedef void (CALLBACK *api_hook)(int);
BEGIN_DECLS
static const int PRIV(table)[] = { LIMIT };
MODULE_ALIAS("x", counter);
"#;

#[test]
fn fixture() {
    check(
        Language::C,
        SOURCE,
        expect![[r#"
            8:9 macro LIMIT [8-8] #define LIMIT 10
            10:9 macro MAX [10-11] #define MAX(a, b) // Larger of two.
            13:8 struct declared forward [13-13] struct forward
            16:8 struct buffer [16-22] struct buffer // A buffer.
            17:11 field buffer.data: char [17-17] char *data
            18:12 field buffer.len: size_t [18-18] size_t len, cap
            18:17 field buffer.cap: size_t [18-18] size_t len, cap
            19:11 field buffer.on_full: int [19-19] int (*on_full)(struct buffer *self, uint32_t n)
            20:18 field buffer.x: int [20-20] int x
            20:23 field buffer.point [20-20] struct { int x; } point
            21:14 field buffer.ready: unsigned [21-21] unsigned ready : 1
            26:3 struct entry [24-26] typedef struct
            25:9 field entry.id: int [25-25] int id
            26:11 type entry_ptr [24-26] typedef struct { int id; } entry, *entry_ptr
            28:14 enum color [28-28] enum color
            28:22 variant color.RED [28-28] RED
            28:27 variant color.GREEN [28-28] GREEN = LIMIT
            28:43 type color_t: color [28-28] typedef enum color { RED, GREEN = LIMIT } color_t
            29:15 type callback: int [29-29] typedef int (*callback)(void *)
            30:7 union value [30-30] union value
            30:19 field value.i: int [30-30] int i
            30:28 field value.f: float [30-30] float f
            32:12 variable declared errors: int [32-32] extern int errors
            33:20 variable names: char [33-33] static const char *names[] = { "a", [RED] = "b" }
            34:5 variable counter: int [34-34] int counter = 0, *cursor
            34:19 variable cursor: int [34-34] int counter = 0, *cursor
            36:5 function declared parse: int [36-36] int parse(const char *text, struct buffer *out)
            37:9 variable handler: char [37-37] char *(*handler)(int)
            42:1 function fill: buffer [41-54] static inline struct buffer * fill(struct buffer *b, size_t n) // Fills it.
            57:6 function trace: void [57-57] void trace(void)
            60:9 macro SHIFT [60-60] #define SHIFT(x)
            61:17 function declared api_open: int [61-61] API_EXPORT(int) api_open(const char *path)
            62:29 function api_buffer: buffer [62-62] API_INTERNAL struct buffer *api_buffer(NOESCAPE const char *path)
            63:25 type api_hook: void [63-63] typedef void (CALLBACK *api_hook)(int)
            65:23 variable table: int [65-65] static const int PRIV(table)[] = { LIMIT }
            5:10 import stdio.h "*" exported
            6:10 import util/list.h "*" exported
        "#]],
        expect![[r#"
            10 in MAX: parameter a, parameter b, read a^10, read b^10, call compare, read a^10, read list, read list|head, read head|next,
            11 in MAX: read LIMIT,
            18 in buffer: type size_t,
            19 in buffer: type buffer, parameter self, type uint32_t, parameter n,
            28 in color.GREEN: read LIMIT,
            33 in -: read RED,
            36 in -: parameter text, type buffer, parameter out,
            41 in fill: type buffer,
            42 in fill: type buffer, parameter b: buffer, type size_t, parameter n: size_t,
            44 in fill: type buffer, local copy: buffer, write :buffer|data, write :buffer|len, read n^42,
            45 in fill: local i: int, local total: int,
            46 in fill: write i^45, read i^45, read n^42, write i^45,
            47 in fill: read b^42, read b|data, read i^45, call next,
            48 in fill: write total^45, read b^42, read b|point, read b->point|x,
            50 in fill: read b^42, read b|on_full, read b^42, call b|on_full, read b^42, read n^42, write :|done,
            51 in fill: call handler, call MAX, read i^45, type buffer,
            52 in fill: write :|done,
            53 in fill: read b^42,
            56 in -: read DEBUG,
            57 in trace: call printf, read names, read RED,
            60 in SHIFT: parameter x, read x^60, read LIMIT,
            61 in -: call API_EXPORT, parameter path,
            62 in -: read API_INTERNAL,
            62 in api_buffer: type buffer, read NOESCAPE, parameter path: char, call API_WRAP, read path^62,
            63 in -: read CALLBACK,
            64 in -: read BEGIN_DECLS,
            65 in -: call PRIV, read LIMIT,
            66 in -: call MODULE_ALIAS, read counter,
        "#]],
    );
}
