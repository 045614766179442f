package ledger_test

import (
	"testing"

	"github.com/almanac-gitops/almanac/schema/gitfs/gittest"
)

func TestMain(m *testing.M) { gittest.Main(m) }
