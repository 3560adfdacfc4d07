/** Every verb of kubectl that concerns the kinds served, with every kubectl on the machine. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { newSigningRequest } from '../../src/client/node/signing-request.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { findKubectls, type Kubectl, startKubectl } from '../support/kubectls.ts'

const daemon = (image: string, name = 'web', more: object = {}) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, labels: { app: name, part: 'x' } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image }] } },
      ...more,
    },
  })
const maps = (...names: readonly string[]) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: names.map(name => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { set: 'p' } }, data: { a: '1' } })),
  })

const stored = (apiVersion: string, kind: string, name: string, spec: object) =>
  JSON.stringify({
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      ...spec,
    },
  })

/** A command and what it has to print; words are parted by blanks, `~` stands for one inside a word. */
interface Step {
  readonly run: string
  readonly says?: RegExp | readonly RegExp[]
  /** The whole of stdout. */
  readonly is?: string
  readonly input?: string
  readonly code?: number
  /** First and last minor version that has it. */
  readonly since?: number
  readonly until?: number
}

/** Parts of the tour; what is not `everywhere` is left to the versions at the edges. */
const TOUR: readonly { readonly subject: string; readonly everywhere?: true; readonly steps: readonly Step[] }[] = [
  {
    subject: 'tells versions, kinds and their fields',
    everywhere: true,
    steps: [
      { run: 'version', says: [/Server Version: .*v1\.36\.\d+\+everynode/] },
      { run: 'api-versions', says: [/^apps\/v1$/m, /^v1$/m, /^policy\/v1$/m] },
      { run: 'api-resources', says: [/^daemonsets +ds +apps\/v1 +true +DaemonSet$/m, /^nodes +no +v1 +false +Node$/m] },
      { run: 'api-resources --api-group=apps --namespaced -o name', says: /^daemonsets\.apps$/m },
      { run: 'api-resources --verbs=list,watch --namespaced=false -o wide', says: /^nodes .*watch/m },
      { run: 'explain ds.spec.updateStrategy', says: [/rollingUpdate\t</, /RollingUpdate or OnDelete|OnDelete/] },
      { run: 'explain ds --recursive', says: /updateStrategy\t[\s\S]*rollingUpdate\t[\s\S]*maxSurge/ },
      { run: 'explain pods.spec.containers.livenessProbe.httpGet.port', says: /port/ },
      { run: 'explain ds.spec.nothing', code: 1, says: /field "nothing" does not exist/ },
      { run: 'cluster-info', says: /control plane.* is running at .*https:\/\/127\.0\.0\.1:/ },
      { run: 'get --raw /readyz', is: 'ok' },
      { run: 'get foobars', code: 1, says: /the server doesn't have a resource type "foobars"/ },
    ],
  },
  {
    subject: 'creates, and shows in every form',
    everywhere: true,
    steps: [
      { run: 'apply -f -', input: daemon('img:1'), is: 'daemonset.apps/web created\n' },
      { run: 'rollout status ds/web --timeout=20s', says: /daemon set "web" successfully rolled out/ },
      { run: 'get ds', says: [/^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nweb +3 +3 +3 +3 +3 +<none> +\S+\n$/] },
      { run: 'get ds web -o wide', says: /CONTAINERS +IMAGES +SELECTOR\nweb .* c +img:1 +app=web\n$/ },
      { run: 'get ds -L app --show-labels', says: /AGE +APP +LABELS\nweb .* web +app=web,part=x\n$/ },
      { run: 'get ds --no-headers', says: /^web +3 [^\n]*\n$/ },
      { run: 'get ds,nodes -A', says: [/^NAMESPACE +NAME +DESIRED/, /daemonset\.apps\/web +3/, /node\/sim-3 +Ready/] },
      { run: 'get nodes --sort-by=.metadata.name -o name', is: 'node/sim-1\nnode/sim-2\nnode/sim-3\n' },
      { run: 'get nodes --sort-by={.metadata.name}', says: /sim-1 +Ready[^\n]*\nsim-2 +Ready[^\n]*\nsim-3 +Ready/ },
      { run: 'get nodes -l kubernetes.io/hostname~in~(sim-1,sim-3) -o name', is: 'node/sim-1\nnode/sim-3\n' },
      { run: 'get pods -l app=web,app!=db --chunk-size=1 -o name', says: /^(?:pod\/web-\w{5}\n){3}$/ },
      { run: 'get pods -l app=web --chunk-size=1', says: /^NAME +READY +STATUS +RESTARTS +AGE\n(?:web-\w{5} +1\/1 +Running +0 +\S+\n){3}$/ },
      { run: 'get pods -o wide --field-selector spec.nodeName=sim-2', says: /^[^\n]+\nweb-\w{5} .* sim-2 [^\n]*\n$/ },
      { run: 'get ds web -o custom-columns=N:.metadata.name,I:.spec.template.spec.containers[0].image', is: 'N     I\nweb   img:1\n' },
      { run: 'get ds web -o jsonpath={.spec.selector.matchLabels.app}~{.status.numberReady}', is: 'web 3' },
      { run: 'get ds -o go-template={{range~.items}}{{.metadata.name}}{{end}}', is: 'web' },
      { run: 'get ds web -o yaml', says: [/^apiVersion: apps\/v1\nkind: DaemonSet\nmetadata:\n/, /^ {2}minReadySeconds: 0$|^ {2}revisionHistoryLimit: 10$/m] },
      { run: 'get ds -o json', says: [/^\{\n {4}"apiVersion": "v1",\n {4}"items": \[/, /"kind": "List"/] },
      { run: 'get -f -', input: daemon('any'), says: /\nweb +3 / },
      { run: 'get all', says: [/^pod\/web-/m, /^daemonset\.apps\/web /m] },
      { run: 'get ds nope', code: 1, says: /Error from server \(NotFound\): daemonsets\.apps "nope" not found/ },
      { run: 'get ds nope --ignore-not-found', is: '' },
      { run: 'get pods --field-selector spec.nothing=1', code: 1, says: /field label not supported: spec\.nothing/ },
    ],
  },
  {
    subject: 'describes',
    everywhere: true,
    steps: [
      { run: 'describe ds web', says: [/^Name: +web$/m, /^Desired Number of Nodes Scheduled: 3$/m, /^Pods Status: +3 Running/m, /SuccessfulCreate/] },
      {
        run: 'describe node sim-1',
        says: [/^Name: +sim-1$/m, /^Unschedulable: +false$/m, /MemoryPressure +False/, /Non-terminated Pods: +\(1 in total\)/, /AcquireTime:/],
      },
      { run: 'describe pods -l app=web', says: [/^Controlled By: +DaemonSet\/web$/m, /^Conditions:$/m, /node\.kubernetes\.io\/not-ready:NoExecute op=Exists/] },
      { run: 'describe ns default', says: /^Status: +Active$/m },
    ],
  },
  {
    subject: 'creates by generator',
    everywhere: true,
    steps: [
      { run: 'create configmap gen --from-literal=a=b', is: 'configmap/gen created\n' },
      { run: 'create configmap gen --from-literal=a=b', code: 1, says: /configmaps "gen" already exists/ },
      { run: 'create secret generic sec --from-literal=a=b', is: 'secret/sec created\n' },
      { run: 'get secret sec -o jsonpath={.data.a}', is: 'Yg==' },
      { run: 'create sa robot', is: 'serviceaccount/robot created\n' },
      { run: 'create token robot --duration=10m', says: /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n?$/, since: 24 },
      { run: 'create role reader --verb=get,list --resource=pods', is: 'role.rbac.authorization.k8s.io/reader created\n' },
      { run: 'create rolebinding rb --role=reader --serviceaccount=NS:robot', is: 'rolebinding.rbac.authorization.k8s.io/rb created\n' },
      { run: 'auth can-i list pods --as=system:serviceaccount:NS:robot', is: 'yes\n' },
      { run: 'auth can-i delete pods --as=system:serviceaccount:NS:robot', code: 1, is: 'no\n' },
      { run: 'create clusterrole NS-cr --verb=get --resource=nodes', is: 'clusterrole.rbac.authorization.k8s.io/NS-cr created\n' },
      { run: 'create clusterrolebinding NS-crb --clusterrole=NS-cr --user=x', is: 'clusterrolebinding.rbac.authorization.k8s.io/NS-crb created\n' },
      { run: 'create service clusterip svc --tcp=80:80', is: 'service/svc created\n' },
      { run: 'create deployment dep --image=img:1', is: 'deployment.apps/dep created\n' },
      { run: 'create pdb guard --selector=app=dep --min-available=0', is: 'poddisruptionbudget.policy/guard created\n', since: 21 },
      { run: 'create priorityclass NS-pc --value=7', is: 'priorityclass.scheduling.k8s.io/NS-pc created\n' },
      { run: 'create quota q --hard=pods=100', code: 1, says: /the server could not find the requested resource/ },
      { run: 'create job later --image=x', says: /job\.batch\/later created/ },
      { run: 'create cronjob often --image=x --schedule=*/5~*~*~*~*', says: /cronjob\.batch\/often created/, since: 21 },
      { run: 'create ingress ing --rule=foo.example/=svc:80', says: /ingress\.networking\.k8s\.io\/ing created/ },
      {
        run: 'create -f -',
        input: stored('apps/v1', 'StatefulSet', 'db', { serviceName: 'db' }),
        says: [/statefulset\.apps\/db created/, /stores StatefulSet and does not/],
      },
      { run: 'scale sts/db --replicas=3', is: 'statefulset.apps/db scaled\n' },
      { run: 'get sts', says: /\ndb +0\/3 / },
      { run: 'patch sts db -p {"spec":{"serviceName":"other"}}', code: 1, says: /spec: Forbidden: updates to statefulset spec for fields other than/ },
      { run: 'create -f -', input: stored('v1', 'ReplicationController', 'old', { selector: { app: 'old' } }), says: /replicationcontroller\/old created/ },
      { run: 'get rc -o wide', says: /\nold +1 +0 +0 .* c +i +app=old\n/ },
      { run: 'create namespace NS-other', is: 'namespace/NS-other created\n' },
      { run: 'create configmap client --from-literal=a=b --dry-run=client -o jsonpath={.data}', is: '{"a":"b"}' },
      { run: 'create configmap server --from-literal=a=b --dry-run=server', is: 'configmap/server created (server dry run)\n' },
      { run: 'get cm server client --ignore-not-found', is: '' },
      { run: 'run one --image=img:1 --restart=Never', is: 'pod/one created\n' },
      { run: 'create -f -', input: daemon('img', 'other').replace('"image":"img"', '"imagine":"img"'), code: 1, says: /unknown field.*imagine/ },
    ],
  },
  {
    subject: 'applies, prunes, shows differences',
    everywhere: true,
    steps: [
      { run: 'apply -f -', input: daemon('img:1'), is: 'daemonset.apps/web unchanged\n' },
      { run: 'diff -f -', input: daemon('img:1'), is: '' },
      { run: 'diff -f -', input: daemon('img:2'), code: 1, says: [/^- +- image: img:1$|^- +image: img:1$/m, /^\+ +- image: img:2$|^\+ +image: img:2$/m] },
      { run: 'apply -f - --dry-run=client', input: daemon('img:2'), is: 'daemonset.apps/web configured (dry run)\n' },
      { run: 'apply -f - --dry-run=server', input: daemon('img:2'), is: 'daemonset.apps/web configured (server dry run)\n' },
      { run: 'apply -f - --dry-run=server -o jsonpath={.spec.template.spec.containers[0].image}', input: daemon('img:2'), is: 'img:2' },
      { run: 'get ds web -o jsonpath={.metadata.generation}~{.spec.template.spec.containers[0].image}', is: '1 img:1' },
      { run: 'apply -f -', input: daemon('img:2'), is: 'daemonset.apps/web configured\n' },
      { run: 'apply view-last-applied ds/web -o json', says: /"image": "img:2"/ },
      { run: 'apply -f -', input: maps('one', 'two'), is: 'configmap/one created\nconfigmap/two created\n' },
      {
        run: 'apply -f - --prune -l set=p --prune-whitelist=core/v1/ConfigMap',
        input: maps('one', 'two'),
        is: 'configmap/one unchanged\nconfigmap/two unchanged\n',
        until: 26,
      },
      { run: 'apply -f - --prune -l set=p --prune-whitelist=core/v1/ConfigMap', input: maps('one'), says: /configmap\/two pruned/, until: 26 },
      { run: 'apply -f - --prune -l set=p', input: maps('one'), says: [/configmap\/one unchanged/, /configmap\/two pruned/], since: 27 },
      { run: 'get cm -l set=p -o name', is: 'configmap/one\n' },
      { run: 'set image ds/web c=img:set', says: /image updated/ },
      {
        run: 'apply -f - --server-side --field-manager=me',
        input: daemon('img:mine'),
        code: 1,
        says: /conflicts?[\s\S]*"kubectl[\w-]*"[\s\S]*\.spec\.template\.spec\.containers\[name="c"\]\.image/,
      },
      { run: 'apply -f - --server-side --field-manager=me --force-conflicts', input: daemon('img:mine'), is: 'daemonset.apps/web serverside-applied\n' },
      // Its status must rest, or the two looks of diff differ.
      { run: 'rollout status ds/web', says: /successfully rolled out/ },
      { run: 'diff -f - --server-side --field-manager=me', input: daemon('img:mine'), is: '' },
      { run: 'get ds web -o jsonpath={.spec.template.spec.containers[0].image}', is: 'img:mine' },
      {
        run: 'apply -f - --server-side --dry-run=server --force-conflicts --field-manager=me',
        input: daemon('x'),
        says: /serverside-applied \(server dry run\)/,
      },
    ],
  },
  {
    subject: 'patches, edits and replaces',
    everywhere: true,
    steps: [
      { run: 'patch ds web -p {"spec":{"minReadySeconds":1}}', says: /patched/ },
      { run: 'patch ds web --type=merge -p {"metadata":{"annotations":{"n":"v"}}}', says: /patched/ },
      {
        run: 'patch ds web --type=json -p [{"op":"test","path":"/spec/minReadySeconds","value":1},{"op":"replace","path":"/spec/minReadySeconds","value":0}]',
        says: /patched/,
      },
      { run: 'patch ds web --type=json -p [{"op":"add","path":"/spec/minReadySeconds","value":0}]', says: /patched \(no change\)/ },
      { run: 'patch ds web -p {"spec":{"minReadySeconds":-1}}', code: 1, says: /spec\.minReadySeconds: Invalid value: -1: must be greater than or equal to 0/ },
      { run: 'patch ds web --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Seen","status":"True"}]}}', says: /patched/, since: 24 },
      { run: 'get ds web --subresource=status -o jsonpath={.status.conditions[0].type}', is: 'Seen', since: 24 },
      { run: 'patch -f - --type=merge -p {"spec":{"revisionHistoryLimit":3}}', input: daemon('x'), says: /patched/ },
      { run: 'edit ds/web', says: /daemonset\.apps\/web edited/ },
      { run: 'get ds web -o jsonpath={.metadata.annotations.n}~{.spec.revisionHistoryLimit}~{.spec.template.spec.containers[0].image}', is: 'v 3 img:edited' },
      { run: 'replace -f -', input: daemon('img:4'), is: 'daemonset.apps/web replaced\n' },
      { run: 'get ds web -o jsonpath={.metadata.annotations.n}{.spec.revisionHistoryLimit}{.spec.template.spec.containers[0].image}', is: '10img:4' },
      { run: 'replace --force -f -', input: maps('one'), says: [/configmap "one" deleted/, /configmap\/one replaced/] },
      { run: 'replace -f -', input: daemon('x', 'absent'), code: 1, says: /NotFound.*daemonsets\.apps "absent" not found/ },
    ],
  },
  {
    subject: 'labels, annotates, taints, cordons and drains',
    steps: [
      { run: 'label ds web a=b', is: 'daemonset.apps/web labeled\n' },
      { run: 'label ds web a=c', code: 1, says: /'a' already has a value \(b\), and --overwrite is false/ },
      { run: 'label ds web a=c --overwrite', is: 'daemonset.apps/web labeled\n' },
      { run: 'label pods -l app=web z=z', says: /^(?:pod\/web-\w{5} labeled\n){3}$/ },
      { run: 'label ds web a-', says: /daemonset\.apps\/web (?:un)?labeled/ },
      { run: 'label ds web a=white~space', code: 1, says: /a valid label must be/ },
      { run: 'annotate ds --all n=v', says: /daemonset\.apps\/web annotated?/ },
      { run: 'annotate ds web n-', says: /daemonset\.apps\/web annotated?/ },
      { run: 'taint node sim-3 NS=v:NoSchedule', is: 'node/sim-3 tainted\n' },
      { run: 'get node sim-3 -o jsonpath={.spec.taints[?(@.key=="NS")].effect}', is: 'NoSchedule' },
      { run: 'taint node sim-3 NS-', is: 'node/sim-3 untainted\n' },
      { run: 'taint node sim-3 NS=v:Never', code: 1, says: /invalid taint effect: Never/ },
      { run: 'cordon sim-3', is: 'node/sim-3 cordoned\n' },
      { run: 'get node sim-3', says: /Ready,SchedulingDisabled/ },
      { run: 'uncordon sim-3', is: 'node/sim-3 uncordoned\n' },
      { run: 'drain sim-3 --dry-run=server --ignore-daemonsets --force', says: /node\/sim-3 drained \(server dry run\)/, since: 24 },
      {
        run: 'drain sim-1 sim-2 sim-3 --ignore-daemonsets --force --timeout=30s',
        says: [/ignoring DaemonSet-managed Pods: NS\/web-/, /node\/sim-3 (?:drained|evicted)/],
      },
      { run: 'get pods -l app=web --field-selector=status.phase=Running -o name', says: /^(?:pod\/web-\w{5}\n){3}$/ },
      { run: 'get pod one --ignore-not-found', is: '' },
      { run: 'uncordon sim-1 sim-2 sim-3', says: /node\/sim-3 uncordoned/ },
    ],
  },
  {
    subject: 'sets parts, rolls out, scales and exposes',
    everywhere: true,
    steps: [
      { run: 'set image ds/web c=img:5', is: 'daemonset.apps/web image updated\n' },
      { run: 'set env ds/web A=B', is: 'daemonset.apps/web env updated\n' },
      { run: 'set env ds/web --list', says: /^A=B$/m },
      { run: 'set resources ds/web --requests=cpu=1m --limits=memory=8Mi', is: 'daemonset.apps/web resource requirements updated\n' },
      { run: 'set selector svc/svc app=web', is: 'service/svc selector updated\n' },
      { run: 'set serviceaccount ds/web robot', is: 'daemonset.apps/web serviceaccount updated\n' },
      { run: 'set subject rolebinding/rb --user=y', is: 'rolebinding.rbac.authorization.k8s.io/rb subjects updated\n' },
      {
        run: 'get ds web -o jsonpath={.spec.template.spec.serviceAccountName}~{..env[0].name}~{..resources.limits.memory}~{..containers[0].image}',
        is: 'robot A 8Mi img:5',
      },
      { run: 'rollout status ds/web --timeout=30s', says: /successfully rolled out/ },
      { run: 'rollout history ds/web', says: /^daemonset\.apps\/web ?\nREVISION +CHANGE-CAUSE\n/ },
      { run: 'rollout undo ds/web', is: 'daemonset.apps/web rolled back\n' },
      { run: 'rollout restart ds/web', is: 'daemonset.apps/web restarted\n' },
      { run: 'rollout status ds/web --timeout=30s', says: /successfully rolled out/ },
      { run: 'scale deploy/dep --replicas=2', is: 'deployment.apps/dep scaled\n' },
      { run: 'scale deploy/dep --current-replicas=7 --replicas=1', code: 1, says: /Expected replicas to be 7, was 2/ },
      { run: 'scale deploy/dep --current-replicas=2 --replicas=1', is: 'deployment.apps/dep scaled\n' },
      { run: 'scale ds/web --replicas=1', code: 1, says: /could not find the requested resource/ },
      { run: 'rollout status deploy/dep --timeout=30s', says: /deployment "dep" successfully rolled out/ },
      { run: 'rollout pause deploy/dep', is: 'deployment.apps/dep paused\n' },
      { run: 'rollout resume deploy/dep', is: 'deployment.apps/dep resumed\n' },
      { run: 'expose deploy/dep --port=80', is: 'service/dep exposed\n' },
      { run: 'autoscale deploy/dep --max=3', says: /horizontalpodautoscaler\.autoscaling\/dep autoscaled/ },
    ],
  },
  {
    subject: 'waits',
    steps: [
      { run: 'wait --for=condition=Ready pod -l app=web --timeout=20s', says: /^(?:pod\/web-\w{5} condition met\n){3,}$/ },
      { run: 'wait --for=jsonpath={.status.numberReady}=3 ds/web --timeout=20s', is: 'daemonset.apps/web condition met\n', since: 23 },
      { run: 'wait --for=condition=Never pod -l app=web --timeout=0s', code: 1, says: /timed out waiting for the condition|condition not met/ },
      { run: 'wait --for=delete cm/nope --timeout=5s', is: '', since: 23 },
      { run: 'wait --for=create ds/web --timeout=5s', is: 'daemonset.apps/web condition met\n', since: 31 },
    ],
  },
  {
    subject: 'reads logs and events, and says who may what',
    everywhere: true,
    steps: [
      { run: 'logs ds/web', says: /this pod is simulated/ },
      { run: 'logs -l app=web --tail=1 --prefix --all-containers', says: /^(?:\[pod\/web-\w{5}\/c\] .+\n){3}$/ },
      { run: 'events --for ds/web', says: /Normal +SuccessfulCreate +DaemonSet\/web +Created pod: web-/, since: 26 },
      { run: 'get events --field-selector reason=SuccessfulCreate,involvedObject.kind=DaemonSet', says: /SuccessfulCreate +daemonset\/web +Created pod/ },
      { run: 'auth can-i create ds', is: 'yes\n' },
      { run: 'auth can-i create ds --as=nobody', code: 1, is: 'no\n' },
      { run: 'auth can-i --list', says: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
      { run: 'auth can-i --list --as=system:serviceaccount:NS:robot', says: /selfsubjectaccessreviews\.authorization\.k8s\.io/ },
      { run: 'auth whoami', says: /Username +kubernetes-admin/, since: 28 },
      {
        run: 'get ds --as=nobody',
        code: 1,
        says: /daemonsets\.apps is forbidden: User "nobody" cannot list resource "daemonsets" in API group "apps" in the namespace "NS"/,
      },
    ],
  },
  {
    subject: 'deletes in every manner',
    everywhere: true,
    steps: [
      { run: 'delete cm gen --wait=false', says: /configmap "gen" deleted/ },
      { run: 'delete cm one --dry-run=server', says: /configmap "one" deleted.*\(server dry run\)/ },
      { run: 'delete cm one --dry-run=client', says: /configmap "one" deleted.*\(dry run\)/ },
      { run: 'get cm one -o name', is: 'configmap/one\n' },
      { run: 'delete deploy/dep --cascade=orphan', says: /deployment\.apps "dep" deleted/ },
      { run: 'get rs -l app=dep -o name', says: /^replicaset\.apps\/dep-/ },
      { run: 'delete rs -l app=dep --cascade=foreground --timeout=20s', says: /replicaset\.apps "dep-\w+" deleted/ },
      { run: 'delete pods -l app=dep --grace-period=0 --force --ignore-not-found', code: 0 },
      { run: 'run two --image=img:1 --restart=Never', is: 'pod/two created\n' },
      { run: 'delete pod two --now', says: /pod "two" deleted/ },
      { run: 'run two --image=img:1 --restart=Never', is: 'pod/two created\n' },
      { run: 'delete pod two --grace-period=0 --force', says: /pod "two" (?:force )?deleted/ },
      { run: 'delete ds web --timeout=20s', says: /daemonset\.apps "web" deleted/ },
      { run: 'wait --for=delete pod -l app=web --timeout=20s', code: 0, since: 23 },
      { run: 'delete ds --all', says: /No resources found/ },
      { run: 'delete -f - --ignore-not-found', input: maps('one', 'two'), says: /configmap "one" deleted/ },
      { run: 'delete clusterrole/NS-cr clusterrolebinding/NS-crb priorityclass/NS-pc ns/NS-other --timeout=30s', says: /namespace "NS-other" deleted/ },
    ],
  },
]

const kubectls = await findKubectls()
/** A tour is many short commands, each of which mostly starts and waits. */
const TOURS_AT_ONCE = 3
describe('every kubectl', { concurrency: TOURS_AT_ONCE, timeout: 12 * 60_000 }, () => {
  for (const [index, kubectl] of kubectls.entries()) {
    const which = kubectl.path.includes('node_modules') ? 'Debian' : index === 0 ? 'on the PATH' : 'beside it'
    describe(`kubectl 1.${kubectl.minor} (${which})`, { concurrency: 1, timeout: 8 * 60_000 }, () => tour(kubectl, `v${kubectl.minor}-${index}`))
  }
})

/** On a cluster of its own: some steps concern every node. */
function tour({ path, minor, atTheEdge }: Kubectl, namespace: string): void {
  let cluster: Cluster
  let env: Record<string, string>
  before(async () => {
    cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
    const home = join(cluster.dataDir, namespace)
    mkdirSync(home, { recursive: true })
    const editor = join(home, 'editor')
    writeFileSync(editor, '#!/bin/sh\nsed -Ei "s/img:(mine|2)/img:edited/" "$1"\n')
    chmodSync(editor, 0o755)
    // A home of its own has no discovery in the cache yet.
    env = { HOME: home, KUBE_EDITOR: editor }
    await cluster.kubectl('create', 'namespace', namespace)
  })
  after(async () => {
    await cluster?.kubectl('delete', 'namespace', namespace, '--timeout=30s')
    await cluster?.stop()
  })
  const ask = (words: readonly string[], input?: string) =>
    cluster.tryKubectl([`--namespace=${namespace}`, ...words], { program: path, env, ...(input !== undefined && { input }) })

  for (const { subject, everywhere, steps } of TOUR) {
    if (!everywhere && !atTheEdge) continue
    it(subject, async () => {
      for (const step of steps) {
        if (minor < (step.since ?? 0) || minor > (step.until ?? Number.POSITIVE_INFINITY)) continue
        await take(step)
      }
    })
  }

  async function take(step: Step): Promise<void> {
    const fill = (text: string) => text.replaceAll('NS', namespace)
    const words = fill(step.run)
      .split(' ')
      .map(word => word.replaceAll('~', ' '))
    let answer = await ask(words, step.input)
    // `replace` reads, then writes: the controller may have told the status meanwhile, and the person tries again.
    for (let more = 5; more > 0 && answer.stderr.includes('please apply your changes to the latest version'); more--) answer = await ask(words, step.input)
    const { code, stdout, stderr } = answer
    const story = `kubectl ${words.join(' ')}: exit ${code}\n${stdout}${stderr}`
    assert.equal(code, step.code ?? 0, story)
    if (step.is !== undefined) assert.equal(stdout, fill(step.is), story)
    const says = step.says === undefined ? [] : step.says instanceof RegExp ? [step.says] : step.says
    for (const wanted of says) {
      const pattern = new RegExp(fill(wanted.source), wanted.flags)
      assert.ok(pattern.test(stdout) || pattern.test(stderr), `${pattern} is not in ${story}`)
    }
  }

  it('watches a list, one object, and only what is new', async () => {
    const start = (...words: readonly string[]) => startKubectl(cluster, path, [`--namespace=${namespace}`, ...words], env)
    await ask(['create', 'configmap', 'first', '--from-literal=a=b'])
    const all = start('get', 'cm', '-w')
    const one = start('get', 'cm', 'first', '-w', '-o', 'name')
    const news = start('get', 'cm', '--watch-only', '--output-watch-events')
    try {
      await Promise.all([all.says(/^first +1/m), one.says(/^configmap\/first$/m)])
      // `--watch-only` says nothing until something happens: it is asked until it has heard.
      await eventually(
        async () => {
          await ask(['label', '--overwrite', 'cm/first', `at=${Date.now()}`])
          return news.output()
        },
        text => /MODIFIED +first/.test(text),
      )
      await ask(['create', 'configmap', 'second'])
      await ask(['delete', 'configmap', 'second'])
      await Promise.all([all.says(/^second +0/m), news.says(/ADDED +second[\s\S]*DELETED +second/)])
      assert.doesNotMatch(one.output(), /second/)
      assert.doesNotMatch(news.output(), /ADDED +first/)
    } finally {
      await Promise.all([all.end(), one.end(), news.end()])
    }
  })

  it('approves and denies certificates', async () => {
    for (const [verb, shown] of [
      ['approve', /Approved,Issued/],
      ['deny', /Denied/],
    ] as const) {
      const name = `${namespace}-${verb}`
      const { csr } = await newSigningRequest('somebody', ['people'])
      const request = {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        spec: { request: Buffer.from(csr).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
      }
      const created = await ask(['create', '-f', '-'], JSON.stringify(request))
      assert.equal(created.code, 0, created.stderr)
      const decided = await ask(['certificate', verb, name])
      assert.equal(decided.code, 0, decided.stderr)
      await eventually(
        async () => (await ask(['get', 'csr', name])).stdout,
        text => shown.test(text),
      )
    }
  })

  it('passes requests on as a proxy', async () => {
    const proxy = startKubectl(cluster, path, ['proxy', '--port=0'], env)
    try {
      const [, port] = await proxy.says(/Starting to serve on 127\.0\.0\.1:(\d+)/)
      const list = (await (await fetch(`http://127.0.0.1:${port}/api/v1/nodes?limit=1`)).json()) as { kind: string; items: unknown[] }
      assert.equal(list.kind, 'NodeList')
      assert.equal(list.items.length, 1)
    } finally {
      await proxy.end()
    }
  })
}
