# Everything a person or a machine runs here. One build profile (release) serves the product, the demo and the tests.

CARGO ?= cargo

.PHONY: build demo test lint docs vectors

build:
	$(CARGO) build --release --locked --workspace --bins

demo: build
	@tests/demo.sh

# Tests that need more than Rust, a C compiler and make name themselves when they are skipped; VIGIE_TEST_NO_SKIP=1 makes that fatal.
test: build
	@rm -f target/skipped
	VIGIE_TEST_SKIPS=$(CURDIR)/target/skipped $(CARGO) test --release --locked --workspace
	@if [ -s target/skipped ]; then sort -u target/skipped; else echo "no test was skipped"; fi

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --release --locked --workspace --no-deps

# Writes the golden vectors of the protocol anew, until protocol 1 is frozen.
vectors:
	$(CARGO) run --release --locked -p vigie-proto --example vectors
