#!/bin/sh
# Installs hbd (the server) or hbc (the client) of the latest release: finds out which system this
# is, downloads the program, checks its SHA-256, puts it into its place, and says what to run next.
# Needs a POSIX shell, curl or wget, and sha256sum, shasum or openssl; no rights.
#
#   sh install.sh [hbd|hbc] [SERVER]
#
#   HBD_INSTALL_DIR   where to put it (default: /usr/local/bin where that may be written to, else
#                     ~/.local/bin)
#   HBD_RELEASE_URL   where SHA256SUMS and the programs are (default: the latest release)
#
# A running server offers this script under /install with the next two lines filled in.
set -eu
default_program='hbd'
default_server=''
releases='https://github.com/heartbeat/hbd/releases/latest/download'

main() {
  # Nobody else may write into the folders that are made, whatever the umask allows.
  umask go-w
  program=${1:-$default_program}
  server=${2:-$default_server}
  case $program in
    hbd | hbc) ;;
    *) fail "There is hbd, the server, and hbc, the client: got \"$program\"" ;;
  esac
  url=${HBD_RELEASE_URL:-$releases}
  url=${url%/}
  system=$(find_system)
  folder=$(find_folder)
  work=$(mktemp -d) || fail "No folder for temporary files could be made (TMPDIR)"
  draft=
  trap 'rm -rf "$work" "$draft"' EXIT
  trap 'exit 1' HUP INT TERM

  download "$url/SHA256SUMS" "$work/SHA256SUMS"
  find_file "$work/SHA256SUMS"
  say "Downloading $file from $url"
  download "$url/$file" "$work/$file"
  actual=$(sum_of "$work/$file")
  [ "$actual" = "$sum" ] || fail "$file is not what it should be, so it was not installed:" \
    "  its SHA-256 is $actual" "  SHA256SUMS says $sum"

  mkdir -p "$folder" || fail "The folder $folder could not be made: set HBD_INSTALL_DIR"
  case $file in *.exe) target=$folder/$program.exe ;; *) target=$folder/$program ;; esac
  # Beside its place: only there is a rename all or nothing. Nobody knows its name before.
  draft=$(mktemp -d "$folder/.$program.XXXXXX") ||
    fail "$folder could not be written to: set HBD_INSTALL_DIR, or ask for more rights (sudo)"
  cp "$work/$file" "$draft/$file" && chmod 755 "$draft/$file" ||
    fail "$folder could not be written to: set HBD_INSTALL_DIR, or ask for more rights (sudo)"
  version=$("$draft/$file" --version 2>&1 </dev/null) ||
    fail "$file does not run on this machine, so it was not installed:" "  $version"
  mv -f "$draft/$file" "$target" || fail "$target could not be written"
  say "Installed $version as $target"
  tell_next
}

say() { printf '%s\n' "$*"; }

fail() {
  printf 'install: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" >&2
  exit 1
}

# The system by the name that releases have for it.
find_system() {
  kernel=$(uname -s)
  machine=$(uname -m)
  case $kernel in
    Linux) os=linux ;;
    Darwin)
      os=macos
      # Under Rosetta, uname tells the processor that is played.
      [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || :)" != 1 ] || machine=arm64
      ;;
    MINGW* | MSYS* | CYGWIN*) os=windows ;;
    *) fail "There is no program for $kernel: run it from source, with Deno" ;;
  esac
  case $machine in
    x86_64 | amd64) processor=x64 ;;
    aarch64 | arm64) processor=arm64 ;;
    *) fail "There is no program for the processor $machine: run it from source, with Deno" ;;
  esac
  # A 64-bit kernel may have a system of 32 bits on top.
  if [ "$(getconf LONG_BIT 2>/dev/null || :)" = 32 ]; then
    fail "This system has 32 bits, and there are only programs for 64"
  fi
  # On Windows for ARM the program for x64 runs, too.
  [ "$os" != windows ] || processor=x64
  printf '%s\n' "$os-$processor"
}

find_folder() {
  if [ -n "${HBD_INSTALL_DIR:-}" ]; then
    # Absolute: it goes into lines to run.
    case $HBD_INSTALL_DIR in
      /*) printf '%s\n' "${HBD_INSTALL_DIR%/}" ;;
      *) printf '%s\n' "$PWD/${HBD_INSTALL_DIR%/}" ;;
    esac
  elif [ -d /usr/local/bin ] && [ -w /usr/local/bin ]; then
    printf '%s\n' /usr/local/bin
  elif [ -n "${HOME:-}" ]; then
    printf '%s\n' "$HOME/.local/bin"
  else
    fail "There is no place for it: set HBD_INSTALL_DIR"
  fi
}

download() {
  # What is asked for over HTTPS must not be answered over HTTP.
  case $1 in https:*) redirects==https ;; *) redirects==http,https ;; esac
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --proto-redir "$redirects" --connect-timeout 20 -o "$2" "$1" ||
      fail "$1 could not be downloaded"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1" || fail "$1 could not be downloaded"
  else
    fail "Neither curl nor wget is there: install one of them"
  fi
}

# Sets `file` and `sum`: the program for this system, whichever version the release is of.
find_file() {
  file=
  while read -r hash name; do
    name=${name#\*}
    case $name in
      */*) ;;
      "$program"-*-"$system" | "$program"-*-"$system".exe)
        file=$name
        sum=$hash
        ;;
    esac
  done <"$1"
  [ -n "$file" ] || fail "The release at $url has no $program for $system"
}

sum_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    line=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    line=$(shasum -a 256 <"$1")
  elif command -v openssl >/dev/null 2>&1; then
    line=$(openssl dgst -sha256 -r <"$1")
  else
    fail "The download cannot be checked: install sha256sum, shasum or openssl"
  fi
  printf '%s\n' "${line%% *}"
}

tell_next() {
  command=$target
  case :${PATH:-}: in
    *:"$folder":*) command=$program ;;
    *) say "$folder is not on your PATH" ;;
  esac
  case $system in macos-*) manager=launchd ;; *) manager=systemd ;; esac
  say "Next:"
  if [ "$program" = hbc ]; then
    say "  $(word "$command") -b $(word "${server:-SERVER}")"
    return
  fi
  say "  $(word "$command")"
  case $system in windows-*) return ;; esac
  say "or, as a service:"
  case $folder in
    # A service of the machine sees no homes, and root should run nothing that a user can change.
    "${HOME:-/}"/*) say "  $(word "$target") unit $manager --user --install" ;;
    *) say "  sudo $(word "$target") unit $manager --install" ;;
  esac
}

# One word for a shell to read.
word() {
  case $1 in
    *[!A-Za-z0-9_./:-]*) printf "'%s'\n" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

main "$@"
