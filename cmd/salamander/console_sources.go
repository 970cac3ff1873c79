package main

import (
	web "salamander/console"
)

// consoleSources connects what the console reads beside the operations.
func (a *app) consoleSources(opt *web.Options) {
	opt.Health = a.health
	opt.Executions = consoleExecutions{a}
	opt.Logs = consoleLogs{a}
	opt.Evaluator = consoleEvaluator{}
	opt.Jobs = consoleJobs{a}
	opt.Warehouses = consoleWarehouses{a}
	opt.Schedules = consoleSchedules{a}
	opt.Backfills = &consoleBackfills{app: a, ctx: a.life, live: a.live}
	opt.Stacks = consoleStacks{a}
	opt.Functions = consoleFunctions{a}
	opt.Alerts = consoleAlerts{a}
}
