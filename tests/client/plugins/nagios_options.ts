/** Options of nagios_runner, as tests write them shortly. */

/** Commands by name. */
export type Commands = Readonly<Record<string, string | readonly string[]>>;

/** The options that the configuration would have for `commands`. */
export function optionsOf(
  commands: Commands,
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    commands: Object.entries(commands).map(([name, command]) => ({ name, command })),
    ...rest,
  };
}
