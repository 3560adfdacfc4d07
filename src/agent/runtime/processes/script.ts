/** Writes pid, start time in clock ticks and boot of the shell that runs it: together they name a process for ever. */
const IDENTIFY = `(
  read -r line < /proc/$$/stat
  line=\${line##*) }
  set -f
  count=0
  for field in $line; do count=$((count + 1)); [ $count = 20 ] && start=$field; done
  read -r boot < /proc/sys/kernel/random/boot_id
  echo "$$ $start $boot"
)`

const TOOL = 'tool() { ( PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; "$@" ); }'

/** A process before it becomes the command, unconfined: `$0` its directory, `$1` where it works, then the command. */
export const BECOME = `${TOOL}
${IDENTIFY} > "$0/main.new" && tool mv "$0/main.new" "$0/main"
cd "$1" || exit 1
shift
exec "$@"
`

/**
 * The same for a confined one: `$0` its directory, `$1` the OCI runtime, `$2` the container's id. Binds the host's root, in a mount
 * namespace that the host does not see, to where `config.json` expects it. The runtime stays as the parent, passes signals on and
 * ends as its container does; `pid` says that the command began.
 */
export const CONFINE = `${TOOL}
${IDENTIFY} > "$0/main.new" && tool mv "$0/main.new" "$0/main"
exec unshare --mount --propagation slave /bin/sh -c '
  mount --rbind / "$0/root" || exit 1
  exec "$1" --root "$0/state" --log "$0/runtime.log" --log-format json run --keep --bundle "$0" --pid-file "$0/pid" "$2"' "$0" "$1" "$2"
`

/** What is left of a confined one: says `oom` if the kernel killed in its cgroup (`$3`), and has the runtime forget it. */
export const CONFINED_END = `${TOOL}
for file in "/sys/fs/cgroup$3/memory.events" "/sys/fs/cgroup/memory$3/memory.oom_control"; do
  [ -r "$file" ] || continue
  while read -r key count; do [ "$key" = oom_kill ] && [ "$count" -gt 0 ] && echo oom; done < "$file"
done
tool "$1" --root "$0/state" delete --force "$2" > /dev/null 2>&1
`

/**
 * Watches one process, so that it outlives the agent. `$0` is a directory of its own, `$1` the log, `$2` the script that becomes the
 * process, `$3` the one that asks about its end ('' for none), then what these take. Leaves `supervisor` and `main` (see above) and at
 * the end `exit`: code, seconds since 1970, and what the last script said. The process gets a session of its own. What it says goes
 * through pipes into lines of the log, which is opened anew for each, so that it may be put aside at any time.
 */
export const SUPERVISE = `${TOOL}
cd "$0" || exit 1
log=$1 become=$2 end=$3
shift 3
${IDENTIFY} > supervisor.new && tool mv supervisor.new supervisor || exit 1
tool mkfifo out err || exit 1
say() {
  export LC_ALL=C TZ=UTC
  while IFS= read -r line || [ -n "$line" ]; do
    if [ -n "$EPOCHREALTIME" ]; then
      now=$EPOCHREALTIME
      printf '%(%Y-%m-%dT%H:%M:%S)T.%s000Z %s F %s\\n' "\${now%.*}" "\${now#*.}" "$1" "$line" >> "$log"
    else
      printf '%s %s F %s\\n' "$(tool date -u +%Y-%m-%dT%H:%M:%S.000000000Z)" "$1" "$line" >> "$log"
    fi
  done
}
say stdout < out &
say stderr < err &
for place in /usr/bin /bin; do [ -x "$place/setsid" ] && setsid=$place/setsid; done
"$setsid" /bin/sh -c "$become" "$0" "$@" < /dev/null > out 2> err &
wait $!
code=$?
said=
[ -z "$end" ] || said=$(/bin/sh -c "$end" "$0" "$@")
echo "$code $(tool date +%s) $said" > exit.new && tool mv exit.new exit
`
