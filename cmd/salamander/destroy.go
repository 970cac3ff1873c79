package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"salamander/stack"
)

func newDestroy(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "destroy NAME",
		Short: "Delete a stack and all that it made",
		Long: `destroy deletes a stack: its resources, in the order of what depends on what,
but for those whose DeletionPolicy is Retain, and the files that deploy has put
into a bucket for it.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitf(exitUsage, "destroy: need the name of one stack (see salamander destroy --help)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			client, err := dial(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			view, err := client.stackView(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if view == nil || view.Status == stack.DeleteComplete {
				return exitf(exitFailed, "there is no stack %q", args[0])
			}
			return destroy(cmd.Context(), c, client, view, true)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

// destroy deletes a stack and follows it. With files, what was uploaded for it
// goes too.
func destroy(ctx context.Context, c *console, client *serverClient, view *stackView, files bool) error {
	f, err := client.follow(ctx, c, view.ID)
	if err != nil {
		return err
	}
	if err := client.cloudformation(ctx, "DeleteStack", url.Values{"StackName": {view.ID}, "ClientRequestToken": {liveToken()}}, nil); err != nil {
		return err
	}
	after, err := f.until(ctx, view.ID)
	if err != nil {
		return err
	}
	if after.Status != stack.DeleteComplete {
		return f.failure(after)
	}
	if files {
		if err := (&packager{client: client, stack: view.Name}).forget(ctx); err != nil {
			return fmt.Errorf("the stack %s is deleted; delete its files in s3://%s: %w", view.Name, artifactBucket, err)
		}
		fmt.Fprintf(c.out, "\nThe stack %s is gone after %s.\n", view.Name, seconds(time.Since(f.since)))
	}
	return nil
}
