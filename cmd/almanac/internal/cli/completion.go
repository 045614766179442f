package cli

import "github.com/spf13/cobra"

func newCompletion(c *Command, _ *options) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands and ids in a shell",
		Example: `  source <(almanac completion bash)
  almanac completion zsh > "${fpath[1]}/_almanac"`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(c.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(c.Stdout)
			case "fish":
				return root.GenFishCompletion(c.Stdout, true)
			default:
				return root.GenPowerShellCompletionWithDesc(c.Stdout)
			}
		},
	}
}
