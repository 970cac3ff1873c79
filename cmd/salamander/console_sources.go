package main

import (
	"path/filepath"

	web "salamander/console"
)

// consoleSources connects what the console reads beside the operations.
func (a *app) consoleSources(opt *web.Options) {
	opt.Health = a.health
	opt.Executions = consoleExecutions{a}
	opt.Logs = consoleLogs{a}
	opt.Evaluator = consoleEvaluator{}
	opt.Validator = consoleValidator{}
	opt.Jobs = consoleJobs{a}
	opt.Warehouses = consoleWarehouses{a}
	opt.Schedules = consoleSchedules{a}
	a.backfills = &consoleBackfills{app: a, dir: filepath.Join(a.config.Data, "console", "backfills"), ctx: a.life, live: a.live}
	opt.Backfills = a.backfills
	opt.Stacks = consoleStacks{a}
	opt.Functions = consoleFunctions{a}
	opt.Alerts = consoleAlerts{a}
}
