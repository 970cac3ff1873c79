# make demo   run the whole example: generate, load, refresh, verify
# make test   run the tests
# make build  one binary in bin/
# make lint   formatting, vet, staticcheck, tidy modules
# make bench  benchmarks as a table; BENCH_JSON=FILE writes them as JSON too
# make bench-warehouse  those of the warehouse at scale 1, beside raw DuckDB and PostgreSQL
# make bench-console  those of the console in Chromium
# make crash  kill the built program 200 times; CRASHES=N
# make soak   simulate a million crashes of the engine; SOAK=N, SEED=N
# make soak-console  look at a busy console for an hour, whether the browser's memory stays flat; MINUTES=N
# make dist   tarballs for all platforms that this machine can build for
# make record NAME=0004-shims  record a data directory for the tests of upgrades, once a release
# make bench-engine  those of the durable engine; BENCH_FULL=1 at full size

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS     ?= -s -w

# The same for all targets, so that they share one build cache.
export GOFLAGS += -trimpath

.PHONY: demo test build lint bench bench-console bench-engine crash record soak soak-console bench-warehouse generate

demo:
	$(GO) run ./cmd/salamander demo $(DEMO)

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/salamander ./cmd/salamander

test:
	$(GO) test -timeout 20m ./...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

bench:
	$(GO) run ./internal/bench $(if $(BENCH_JSON),-json '$(BENCH_JSON)')

bench-warehouse:
	BENCH_SCALE=$(or $(BENCH_SCALE),1) $(GO) run ./internal/bench -only warehouse $(if $(BENCH_JSON),-json '$(BENCH_JSON)')

crash:
	SALAMANDER_CRASHES=$(or $(CRASHES),200) $(GO) test ./cmd/salamander -run TestKillsLoseAndRepeatNothing -v -timeout 60m

soak:
	SIMULATED_CRASHES=$(or $(SOAK),1000000) $(if $(SEED),SIMULATION_SEED=$(SEED)) $(GO) test ./store/turnlog -run TestSimulation -v -timeout 12h

record: build
	python3 cmd/salamander/testdata/data/record.py bin/salamander $(NAME)

soak-console:
	CONSOLE_SOAK=$(or $(MINUTES),60) $(GO) test ./cmd/salamander -run TestConsoleSoak -v -count=1 -timeout 3h

bench-engine:
	$(GO) run ./internal/bench -only engine $(if $(BENCH_JSON),-json '$(BENCH_JSON)')

bench-console:
	$(GO) run ./internal/bench -only console $(if $(BENCH_JSON),-json '$(BENCH_JSON)')

generate:
	$(GO) run ./cmd/salamander parity > docs/PARITY.md
	$(GO) run ./cmd/salamander language > docs/LANGUAGE.md
	$(GO) test ./warehouse/duck -run 'TestSQLPage$$' -update

# The licenses of what the program is made of; needs node for the console's part.
.PHONY: notices
notices:
	npm --prefix console/web ci --silent --no-audit --no-fund
	$(GO) run ./internal/notices > THIRD-PARTY-NOTICES.new
	mv THIRD-PARTY-NOTICES.new THIRD-PARTY-NOTICES

# Tarballs for the platforms that this machine can build for, in dist/.
.PHONY: dist
dist:
	packaging/dist
