# Commands of the checkout. They work from any folder (`make -C path run`), as root and as a normal user.
# Each is a short script under scripts/, which says what it will install before it does.

.DEFAULT_GOAL := help
SHELL := /bin/bash
ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
SCRIPTS := $(ROOT)/scripts

.PHONY: help run test bench chaos fuzz reset demo release secrets fmt lint openapi

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(ROOT)/Makefile

run: ## Install what is missing, build, and start everything on this machine (Ctrl-C stops it)
	@exec $(SCRIPTS)/run.sh

test: ## Format, lints, build, every test against real servers, OpenAPI drift
	@exec $(SCRIPTS)/test.sh

bench: ## Measure a release build beside its baselines (ONLY=list,movement chooses; about 20 minutes)
	@exec $(SCRIPTS)/bench.sh $(if $(ONLY),--only $(ONLY)) $(if $(RUNS),--runs $(RUNS))

chaos: ## Kill, stop, cut off and crowd the program under checked load (ONLY="stop dependencies" chooses; about 75 minutes)
	@exec $(SCRIPTS)/chaos.sh $(ONLY)

fuzz: ## Generated requests to every operation with each kind of credential, raw HTTP, parsers (SEED=n repeats, ONLY=operation_id; 12 minutes)
	@exec $(SCRIPTS)/fuzz.sh

reset: ## Delete the development data, after asking
	@exec $(SCRIPTS)/reset.sh

demo: ## On a running stack: sign up an organization, import real articles and movements, compare the levels
	@exec $(SCRIPTS)/demo.sh

release: ## Build the program that is shipped (target/release/nexus)
	@exec $(SCRIPTS)/release.sh

secrets: ## Write random passwords and keys below docker/secrets, for docker/compose.yaml
	@exec $(SCRIPTS)/secrets.sh

fmt: ## Format the code
	@cd $(ROOT) && cargo fmt --all

lint: ## Check the format and the lints
	@exec $(SCRIPTS)/lint.sh

openapi: ## Write docs/openapi.json from the code
	@exec $(SCRIPTS)/openapi.sh
