//! C.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.c
int limit = 1;
static int run(int limit, char *rest) {
    int total = «limit»;
    for (int i = 0; i < total; i++) { int limit = «i»; use(«limit»); }
    if (total) goto «done»;
done:
    return «total» + «limit»;
}
int again(void) { return «limit»; }
#define TWICE(x) («x» * limit)
"##,
        expect![[r#"
            a.c:3 limit → parameter limit a.c:2 by scope
            a.c:4 i → local i a.c:4 by scope
            a.c:4 limit → local limit a.c:4 by scope
            a.c:5 done → nothing
            a.c:7 total → local total a.c:3 by scope
            a.c:7 limit → parameter limit a.c:2 by scope
            a.c:9 limit → variable limit a.c:1 by file
            a.c:10 x → parameter x a.c:10 by scope
        "#]],
    );
}

#[test]
fn members_and_prototypes() {
    check(
        r##"--- include/pool.h
struct pool;
typedef struct pool pool_t;
struct ops { int (*open)(struct pool *p); int (*only)(void); };
struct pool { int size; struct ops *ops; struct { int deep; } nested; };
int pool_open(struct pool *p);
static inline int pool_size(struct pool *p) { return p->«size»; }
#define POOL_MAX 10
enum mode { MODE_A, MODE_B };
--- pool.c
#include "include/pool.h"
static int helper(void) { return 1; }
int pool_open(struct pool *p) { return p->ops->«open»(p) + «helper»(); }
static const struct ops default_ops = { .«open» = «pool_open» };
--- main.c
#include "pool.h"
static int helper(void) { return 2; }
int main(struct pool *p, pool_t *other, struct missing *m, void *any) {
    «pool_open»(p);
    p->«size» = «POOL_MAX»;
    other->«size»++;
    p->ops->«only»();
    p->nested.«deep»;
    m->«size»;
    any->«only»;
    get()->«size»;
    struct pool local = { .«size» = «MODE_A» };
    return «helper»() + «pool_size»(&local) + «printf»("x") + «default_ops».open(p);
}
"##,
        expect![[r#"
            include/pool.h:6 size → field pool.size include/pool.h:4 by type
            pool.c:3 open → field ops.open include/pool.h:3 by type
            pool.c:3 helper → function helper pool.c:2 by file
            pool.c:4 open → field ops.open include/pool.h:3 by type
            pool.c:4 pool_open → function pool_open pool.c:3 by file
            main.c:4 pool_open → function pool_open pool.c:3 by unique
            main.c:5 size → field pool.size include/pool.h:4 by type
            main.c:5 POOL_MAX → macro POOL_MAX include/pool.h:7 by import
            main.c:6 size → field pool.size include/pool.h:4 by type
            main.c:7 only → field ops.only include/pool.h:3 by type
            main.c:8 deep → field pool.deep include/pool.h:4 by unique
            main.c:9 size → any of field pool.size include/pool.h:4
            main.c:10 only → any of field ops.only include/pool.h:3
            main.c:11 size → any of field pool.size include/pool.h:4
            main.c:12 size → field pool.size include/pool.h:4 by type
            main.c:12 MODE_A → variant mode.MODE_A include/pool.h:8 by import
            main.c:13 helper → function helper main.c:2 by file
            main.c:13 pool_size → function pool_size include/pool.h:6 by import
            main.c:13 printf → nothing
            main.c:13 default_ops → nothing
        "#]],
    );
}

#[test]
fn several_candidates() {
    check(
        r##"--- arch/arm/setup.c
void setup_arch(void) {}
--- arch/x86/setup.c
void setup_arch(void) {}
static void private_setup(void) {}
--- main.c
void setup_arch(void);
void start(void) { «setup_arch»(); «private_setup»(); }
"##,
        expect![[r#"
            main.c:2 setup_arch → any of function setup_arch arch/arm/setup.c:1, function setup_arch arch/x86/setup.c:1
            main.c:2 private_setup → nothing
        "#]],
    );
}

#[test]
fn members_of_what_has_no_name() {
    check(
        r##"--- packet.h
struct packet {
  int kind;
  union {
    int number;
    struct { int low, high; };
  };
  struct { int inner; } named;
};
typedef struct { union { int wide; }; } open;
--- other.h
struct other { int number; int low; int wide; };
--- use.c
#include "packet.h"
#include "other.h"
int run(struct packet *p, open *o) {
  return p->«kind» + p->«number» + p->«low» + p->«high» + o->«wide» + p->named.«inner»;
}
struct packet made = { .«kind» = 1, .«low» = 2 };
"##,
        expect![[r#"
            use.c:4 kind → field packet.kind packet.h:2 by type
            use.c:4 number → field packet.number packet.h:4 by type
            use.c:4 low → field packet.low packet.h:5 by type
            use.c:4 high → field packet.high packet.h:5 by type
            use.c:4 wide → field open.wide packet.h:9 by type
            use.c:4 inner → field packet.inner packet.h:7 by unique
            use.c:6 kind → field packet.kind packet.h:2 by type
            use.c:6 low → field packet.low packet.h:5 by type
        "#]],
    );
}
