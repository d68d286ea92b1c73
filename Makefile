# tabdis: `make` lists the targets. Go, Node and git are all that must be there; the rest is installed as needed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 5173

CLIENT := jsbridge/client
EXEC := $(CURDIR)/tests/browser/run.sh
JS := GOOS=js GOARCH=wasm
JSTEST = $(JS) TABDIS_BACKENDS=$(2) go test -count=1 -exec "$(EXEC) --target=$(1) --timeout=600"

# What runs under GOOS=js: all of the engine but what needs an operating system.
ENGINE := ./core ./core/aof ./core/command ./core/keyspace ./core/param ./core/rdb ./core/resp ./core/storage ./core/storage/memfs ./core/storage/faultfs

# What IndexedDB's tests need no browser for.
IDBFAULTS := Fault|Damage|Vanish|Lost|Again|Silence|Slow|AnotherTab|Blocked|Cut|Hole|Abort

.PHONY: help demo package wasm test test-native test-node test-chromium test-firefox test-client lint bench bench-native bench-browser fuzz torture torture-idb moments damage travel diskfull interop kill-browser faults-opfs soak clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- building

$(CLIENT)/node_modules/.package-lock.json: $(CLIENT)/package-lock.json
	@echo "Installing what the client is built with"
	npm ci --prefix $(CLIENT) --no-audit --no-fund
	@touch $@

demo/node_modules/.package-lock.json: demo/package-lock.json
	@echo "Installing what the demo is built with"
	npm ci --prefix demo --no-audit --no-fund
	@touch $@

tests/clients/node/node_modules/.package-lock.json: tests/clients/node/package-lock.json
	@echo "Installing the Redis clients for Node that the tests run"
	npm ci --prefix tests/clients/node --no-audit --no-fund
	@touch $@

wasm: $(CLIENT)/node_modules/.package-lock.json ## compile the engine to WebAssembly
	npm run --prefix $(CLIENT) --silent wasm

package: wasm ## build the npm package into jsbridge/client/dist
	npm run --prefix $(CLIENT) --silent build

demo: package demo/node_modules/.package-lock.json ## build everything and serve the demo page on 127.0.0.1 (PORT=5173)
	npm run --prefix demo --silent build
	npm run --prefix demo --silent preview -- --host 127.0.0.1 --port $(PORT) --strictPort

# ---- testing

test: ## install what the tests need, then run all of them: native, Node, Chromium, Firefox
	tests/run.sh

lint: package demo/node_modules/.package-lock.json ## formatting, vet for both platforms, types
	@test -z "$$(gofmt -l core jsbridge wasm tests)" || { echo "gofmt wants:"; gofmt -l core jsbridge wasm tests; exit 1; }
	go vet ./...
	$(JS) go vet ./...
	npm run --prefix $(CLIENT) --silent check
	npm run --prefix demo --silent check

test-native: tests/clients/node/node_modules/.package-lock.json ## Go tests on this machine, with a real redis-server and Redis's clients
	go test ./...

test-node: $(CLIENT)/node_modules/.package-lock.json ## the engine and its suite under GOOS=js in Node
	$(call JSTEST,node,memfs+nodefs) $(ENGINE) ./jsbridge/nodefs ./tests/enginetest
	TABDIS_INDEXEDDB=fake $(call JSTEST,node,idb) -run '$(IDBFAULTS)' ./jsbridge/idb

test-chromium: ## the same inside a dedicated Worker of Chromium, over OPFS and IndexedDB
	$(call JSTEST,chromium,opfs+idb) -p 1 ./jsbridge/opfs ./jsbridge/idb ./tests/enginetest

test-firefox: ## the same inside a dedicated Worker of Firefox
	$(call JSTEST,firefox,opfs+idb) -p 1 ./jsbridge/opfs ./jsbridge/idb ./tests/enginetest

test-client: package demo/node_modules/.package-lock.json ## the npm package and the demo, in real browsers
	npm test --prefix $(CLIENT) --silent
	npm test --prefix demo --silent
	node --test --test-concurrency=1 tests/browser/exec.test.mjs tests/browser/client/

FUZZTIME ?= 60s
fuzz: ## fuzz each target for FUZZTIME (60s)
	@set -e; for pkg in $$(go list ./core/...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

CRASHES ?= 100000
KILLS ?= 200
torture: ## crash the engine CRASHES times (100000), and kill the native server KILLS times (200) under each policy
	@set -o pipefail; TABDIS_CRASHES=$(CRASHES) TABDIS_KILLS=$(KILLS) go test -count=1 -timeout 4h -v -run 'NothingHeardOf|OutlivesAKill' ./tests/crash ./tests/server | grep -v '^ *\(---\|===\) .*/'

STRIDE ?= 1
ON ?= node
torture-idb: $(CLIENT)/node_modules/.package-lock.json ## fail each STRIDEth (1st) transaction of IndexedDB in every way, ON=node over one in memory, or in chromium or firefox
	TABDIS_INDEXEDDB=fake TABDIS_IDB_STRIDE=$(STRIDE) $(JS) go test -count=1 -v -timeout 4h -exec "$(EXEC) --target=$(ON) --timeout=14400" -run '^TestFaultsEverywhere$$' ./jsbridge/idb

MOMENTS ?= 1000
moments: ## rewrite MOMENTS logs (1000) under a storm of commands; each base must be the moment of its cut
	TABDIS_MOMENTS=$(MOMENTS) go test -count=1 -timeout 4h -v -run TestABaseIsTheMomentOfItsCut ./core | grep -v '^ *\(---\|===\) .*/'

TRAVELS ?= 1000
travel: ## live TRAVELS lives (1000) with rewrites, failures and crashes; each lsn that can be gone back to must be what the store held then
	@set -o pipefail; TABDIS_TRAVELS=$(TRAVELS) go test -count=1 -timeout 4h -v -run TestEveryLSNIsTheStateOfThen ./core/aof | grep -v '^ *\(---\|===\) .*/'

DAMAGES ?= 100000
damage: ## cut a log of all types at every byte, flip its every bit, shuffle its blocks, damage it at random DAMAGES times (100000)
	@set -o pipefail; TABDIS_DAMAGES=$(DAMAGES) go test -count=1 -timeout 4h -v -run TestDamage ./tests/crash | grep -v '^ *\(---\|===\) .*/'

kill-browser: package ## kill a real Chromium KILLS times (200) under load: tab, renderer, browser, over OPFS and IndexedDB
	TABDIS_KILLS=$(KILLS) node --test tests/browser/client/kill.test.mjs

EVENTS ?= 3
faults-opfs: ## fail each call to OPFS (STRIDE=1) under the engine, and go through all schedules of EVENTS=3 events of its superblock
	TABDIS_EVENTS=$(EVENTS) go test -count=1 -timeout 2h -v -run 'Schedules|EveryBit' ./jsbridge/opfs
	$(JS) TABDIS_STRIDE=$(STRIDE) go test -count=1 -timeout 2h -v -run FaultOfEachCall -exec "$(EXEC) --target=chromium --timeout=7200" ./jsbridge/opfs

FILLS ?= 20
DISKS ?= tmpfs
diskfull: ## fill a small disk under the native server and free it, FILLS times (20) under each policy; DISKS=tmpfs,ext4 needs root
	TABDIS_DISKFULL_ROUNDS=$(FILLS) TABDIS_DISKFULL_ON=$(DISKS) go test -count=1 -timeout 2h -v ./tests/diskfull | grep -v '^ *\(---\|===\) .*/'

ROUNDS ?= 1000
interop: ## carry ROUNDS directories (1000) of random content to a real redis-server and back, twice over
	TABDIS_ROUNDS=$(ROUNDS) go test -count=1 -timeout 4h -v -run '^TestRounds$$' ./tests/interop | grep -v '^ *\(---\|===\) .*/'

SOAK ?= 1h
soak: ## play new random sequences on the engine and a real redis-server, for a time or so many: SOAK=8h, SOAK=500 (1h)
	TABDIS_SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run TestRandomSequences ./tests/conformance

.PHONY: soak-crash
soak-crash: ## run all commands on an engine whose disk fails and crashes, beside an oracle, for a time or so many rounds: SOAK=8h, SOAK=500 (1h)
	@set -o pipefail; TABDIS_SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run TestSoak ./tests/crash | grep -v '^ *\(---\|===\) .*/'

# ---- measuring

bench: bench-native bench-browser ## print the benchmark tables, both sides in one run

bench-native: ## what needs no browser, beside a real redis-server (ROWS=memory,load,pauses,throughput,checksum,rewrite)
	go run ./tests/bench/native

bench-browser: package ## the rows of the page and the Worker
	npm run --prefix $(CLIENT) --silent bench
	node tests/bench/browser/run.mjs

clean: ## remove what was built and installed
	rm -rf $(CLIENT)/dist $(CLIENT)/node_modules demo/dist demo/dist-test demo/node_modules tests/clients/node/node_modules
