/**
 * Brings what the tests run beside Deno: real monitoring plugins, `ping`, `nc`, Python, openssl, a name
 * server, a browser, a terminal, systemd's own checks, and several shells. Where all is there it does nothing.
 * Debian and Ubuntu as root: it installs what is missing; elsewhere it says what to install, and the
 * tests that need it fail.
 */

/** Programs that are needed on Linux, and the Debian package of each. */
const NEEDED: Readonly<Record<string, string>> = {
  "/usr/lib/nagios/plugins/check_dummy": "monitoring-plugins-basic",
  ping: "iputils-ping",
  nc: "netcat-openbsd",
  curl: "curl",
  python3: "python3",
  "/usr/sbin/named": "bind9",
  openssl: "openssl",
  nsupdate: "bind9-dnsutils",
  dig: "bind9-dnsutils",
  chromium: "chromium",
  tmux: "tmux",
  "systemd-analyze": "systemd",
  busybox: "busybox",
  dash: "dash",
  wget: "wget",
};

function isThere(program: string): boolean {
  const places = program.startsWith("/")
    ? [program]
    : (Deno.env.get("PATH") ?? "").split(":").map((dir) => `${dir}/${program}`);
  return places.some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

function run(program: string, ...args: readonly string[]): boolean {
  const command = new Deno.Command(program, {
    args: [...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdout: "null",
    stderr: "inherit",
  });
  return command.outputSync().success;
}

const missing = Object.entries(NEEDED).filter(([program]) => !isThere(program));
if (Deno.build.os === "linux" && missing.length > 0) {
  const packages = new Set(missing.map(([, name]) => name));
  const isInstalled = Deno.uid() === 0 && isThere("apt-get") && run("apt-get", "update", "-qq") &&
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages);
  if (!isInstalled) {
    // deno-lint-ignore no-console -- a script's output
    console.error(`Some tests will fail, they need: apt-get install ${[...packages].join(" ")}`);
  }
}
