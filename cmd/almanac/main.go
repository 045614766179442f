// Command almanac keeps a managed service provider's client work as code.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata"

	"github.com/almanac-gitops/almanac/cmd/almanac/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.System().Main(ctx, os.Args[1:]))
}
