package main

import (
	web "salamander/console"
)

// consoleSources connects what the console reads beside the operations.
func (a *app) consoleSources(opt *web.Options) {
}
