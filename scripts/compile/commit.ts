/** Which commit the tree is at, for executables to say. */

/**
 * The commit of the checkout in `root`, shortened, with `+changes` behind it when tracked files
 * differ from it; null where there is no checkout or no git.
 */
export async function commitOf(root: string): Promise<string | null> {
  const commit = await git(root, "rev-parse", "--short=10", "HEAD");
  if (commit === null) return null;
  const changes = await git(root, "status", "--porcelain", "--untracked-files=no");
  return changes === "" ? commit : `${commit}+changes`;
}

async function git(root: string, ...args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: [...args],
      cwd: root,
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}
