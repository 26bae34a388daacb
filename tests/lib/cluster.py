"""Clusters on one machine, out of Linux namespaces: a real Slurm, and hosts on a network of their own.

    with Slurm(nodes=2, cpus=4) as slurm:
        job = slurm.submit("jobs/wealthsim.sbatch", "-n", 1000, cwd=tmp_path)
        assert slurm.wait(job)["JobState"] == "COMPLETED"

    with Network(hosts=4) as network:
        network.mpirun(16, "./wealthsim", "-n", 1000, cwd=tmp_path)     # over TCP between n1, n2, n3, n4
        network.link("n3", up=False)                                    # pull its cable
        slurm = Slurm(nodes=4, network=network)                         # nodes on these hosts

A node of Slurm is a slurmd with a hostname and a shared memory (UTS and mount namespaces) of its own: Open MPI
takes nodes for different machines, and its files do not meet. A host of a network has a network namespace too; no
packet passes but through its one wire to the switch, and the machine's own network sees nothing of it.

Everything lives in a folder below /tmp (configuration, key, sockets, state, logs); nothing of the machine's own
Slurm, munge or service manager is used. All processes carry WEALTHSIM_LAB=folder in their environment and are ended
by pid. Needs root, and the packages slurm-wlm and munge, or iproute2: without them the test that asks is skipped.
"""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from environment import end_processes, test_environment

PATH = os.environ["PATH"] + os.environ.get("WEALTHSIM_TEST_SBIN", ":/usr/sbin:/sbin")
FINAL_STATES = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"}


# Seconds beyond which something hangs, however much else the machine has to do; less than a test may take (pytest.ini), for the
# failure to say what it was.
HANGS = 400


def need(what, programs, package):
    """Skip the test where this machine lacks programs, or root's rights to make namespaces."""
    missing = [program for program in programs if not shutil.which(program, path=PATH)]
    if missing:
        pytest.skip(f"{what}: no {', '.join(missing)} here (make deps-cluster installs {package})")
    if subprocess.run(["unshare", "--net", "--uts", "--mount", "true"], capture_output=True).returncode:
        pytest.skip(f"{what}: no right to make namespaces here, which pretend hosts are made of")


def wait_until(condition, limit, what):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {limit} s")
        time.sleep(0.05)


def free_ports(count):
    """The first of count ports in a row that nobody listens on."""
    for first in range(21000 + os.getpid() % 5000, 32000, count):
        sockets = [socket.socket() for _ in range(count)]
        try:
            for i, s in enumerate(sockets):
                s.bind(("", first + i))
            return first
        except OSError:
            continue
        finally:
            for s in sockets:
                s.close()
    raise OSError(f"no {count} free ports in a row")


class Lab:
    """A folder, the processes that belong to it, and their end."""

    def __init__(self, prefix):
        # Sockets live in the folder: its path must be short. munged wants a path that others may enter, not write.
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
        self.folder.chmod(0o755)
        for name in "log", "tmp":
            (self.folder / name).mkdir()
        (self.folder / "tmp").chmod(0o1777)
        self.environment = {**os.environ, **test_environment(), "PATH": PATH, "WEALTHSIM_LAB": str(self.folder)}
        self.environment["TMPDIR"] = str(self.folder / "tmp")
        self.daemons = {}

    def daemon(self, name, *command):
        """Start a process that stays; what it says goes to log/NAME."""
        with open(self.folder / "log" / name, "ab") as log:
            self.daemons[name] = subprocess.Popen(
                list(map(str, command)), env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def client(self, *command, cwd=None, env=None, limit=60):
        """Run a command as a user of the cluster; returns what it printed."""
        done = subprocess.run(
            list(map(str, command)), cwd=cwd, env={**self.environment, **(env or {})}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=limit,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(map(str, command))}: status {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def enter(self, host):
        """The words that make a command run on a host: its namespaces are those of its daemon."""
        return "nsenter", "-t", self.daemons[host].pid, *self.namespaces, "--root", "--wd=."

    def on(self, host, *command, **options):
        """Run a command on a host; as client."""
        return self.client(*self.enter(host), *command, **options)

    def logs(self):
        """The ends of all logs: what to read when something did not come up."""
        files = sorted((self.folder / "log").iterdir())
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-2000:]}" for file in files)

    def stop(self):
        end_processes(str(self.folder), "WEALTHSIM_LAB", grace=3)
        for process in self.daemons.values():
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


# Where Open MPI 4 and Open MPI 5 look for what starts a command on another host.
AGENT = "OMPI_MCA_plm_rsh_agent", "PRTE_MCA_plm_ssh_agent"

# A host's own hostname, and a shared memory that is empty.
UNSHARE = "unshare", "--propagation", "private"
SEPARATE = "hostname {host} && mount -t tmpfs -o mode=1777 tmpfs /dev/shm"


class Network(Lab):
    """Hosts n1, n2, … and the switch that joins them."""

    namespaces = "--net", "--uts", "--mount"

    def __init__(self, hosts=4):
        need("network hosts", ["ip", "bridge", "nsenter", "unshare"], "iproute2 and util-linux")
        super().__init__("wealthsim-")
        self.names = [f"n{i + 1}" for i in range(hosts)]
        for name in AGENT:
            self.environment[name] = str(self.folder / "agent")
        try:
            self.start()
        except BaseException as error:
            logs = self.logs()
            self.stop()
            raise RuntimeError(f"the network did not come up: {error}\n{logs}") from error

    def address(self, host):
        """10.77.0.1 for n1; 10.77.0. for n."""
        return "10.77.0.254" if host == "switch" else f"10.77.0.{host[1:]}"

    def start(self):
        everyone = ["switch", *self.names]
        hosts, mount = self.folder / "hosts", f"mount --bind {self.folder}/hosts /etc/hosts"
        if not os.path.exists("/etc/hosts"):  # nothing to mount over: the hosts get a copy of all of /etc
            shutil.copytree("/etc", self.folder / "etc", symlinks=True)
            hosts, mount = self.folder / "etc/hosts", f"mount --bind {self.folder}/etc /etc"
        hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{self.address(name)} {name}\n" for name in everyone))
        for name in everyone:
            # A daemon that sleeps keeps the namespaces.
            own = f"{SEPARATE.format(host=name)} && {mount} && ip link set lo up"
            ready = f"touch {self.folder}/{name}.up && exec sleep infinity"
            self.daemon(name, *UNSHARE, "--net", "--uts", "--mount", "sh", "-c", f"{own} && {ready}")
        wait_until(lambda: all((self.folder / f"{name}.up").exists() for name in everyone), 10, "all hosts up")
        self.on("switch", "ip", "link", "add", "bridge", "type", "bridge", "forward_delay", "0")
        self.on("switch", "ip", "addr", "add", f"{self.address('switch')}/24", "dev", "bridge")
        self.on("switch", "ip", "link", "set", "bridge", "up")
        for name in self.names:
            wire = "ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns"
            self.on("switch", *wire, self.daemons[name].pid)
            self.on("switch", "ip", "link", "set", f"to-{name}", "master", "bridge", "up")
            self.on(name, "ip", "addr", "add", f"{self.address(name)}/24", "dev", "eth0")
            self.on(name, "ip", "link", "set", "eth0", "up")
        wait_until(self.all_forward, 10, "the switch forwarding")
        # What Open MPI calls in ssh's place: agent HOST COMMAND...
        agent = self.folder / "agent"
        pids = "".join(f"{name}) pid={self.daemons[name].pid} ;; " for name in everyone)
        agent.write_text(
            f"#!/bin/sh\ncase $1 in {pids}*) exit 255 ;; esac; shift\n"
            f'exec nsenter -t $pid {" ".join(self.namespaces)} --root --wd=. sh -c "$*"\n'
        )
        agent.chmod(0o755)

    def all_forward(self):
        return self.on("switch", "bridge", "link").count("state forwarding") == len(self.names)

    def link(self, host, up):
        """Plug a host's cable in, or pull it."""
        self.on("switch", "ip", "link", "set", f"to-{host}", "up" if up else "down")

    def mpirun_command(self, ranks, *command, hosts=None, options=()):
        """The words that start ranks of a command on the hosts, from the first of them, evenly."""
        hosts = hosts or self.names
        places = ",".join(f"{host}:{-(-ranks // len(hosts))}" for host in hosts)
        launcher = "mpirun", "--host", places, "-np", ranks, *options
        return tuple(map(str, (*self.enter(hosts[0]), *launcher, *command)))

    def mpirun(self, ranks, *command, hosts=None, options=(), **rest):
        """Run ranks of a command to the end; returns what they printed."""
        return self.client(*self.mpirun_command(ranks, *command, hosts=hosts, options=options), **rest)

    def bytes_sent(self, host):
        """What has left the host through its wire."""
        return json.loads(self.on(host, "ip", "-j", "-s", "link", "show", "eth0"))[0]["stats64"]["tx"]["bytes"]


class Slurm(Lab):
    namespaces = "--uts", "--mount"

    def __init__(self, nodes=2, cpus=4, network=None):
        """network: a Network with at least as many hosts; nodes then reach one another over its wires only, and
        the controller and all clients stand at its switch. It is soon seen there that a node cannot be reached; elsewhere
        all nodes can: one that is slow to answer is not given up, and a job has as long to end with a checkpoint as Slurm
        gives it by itself."""
        need("Slurm", ["unshare", "munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol"], "slurm-wlm and munge")
        super().__init__("wealthsim-")
        self.network = network
        self.names = [f"n{i + 1}" for i in range(nodes)]
        self.environment["SLURM_CONF"] = str(self.folder / "slurm.conf")
        try:
            self.start(nodes, cpus)
        except BaseException as error:
            logs = self.logs()
            self.stop()
            raise RuntimeError(f"Slurm did not come up: {error}\n{logs}") from error

    def start(self, nodes, cpus):
        folder = self.folder
        for name in ["state", *(f"{kind}/{node}" for kind in ("spool", "nodetmp") for node in self.names)]:
            (folder / name).mkdir(parents=True)
        (folder / "slurm.conf").write_text(self.configuration(nodes, cpus))
        # With PMIx's usual fence some srun jobs crash in MPI_Init: ranks leave the fence early.
        (folder / "mpi.conf").write_text("PMIxCollFence=ring\n")
        # Nothing here is confined by control groups: version 1 is content where there are none, as in containers.
        (folder / "cgroup.conf").write_text(f"CgroupPlugin=cgroup/v1\nCgroupMountpoint={folder}\n")
        (folder / "munge.key").write_bytes(os.urandom(128))
        (folder / "munge.key").chmod(0o600)

        self.daemon(
            "munged", "munged", "--foreground", "--force", f"--key-file={folder}/munge.key",
            f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid", f"--seed-file={folder}/munge.seed",
        )  # fmt: skip
        wait_until((folder / "munge.socket").exists, 10, "munged's socket")
        self.daemon("slurmctld", *(self.network.enter("switch") if self.network else ()), "slurmctld", "-D")
        for node in self.names:
            self.start_node(node)
        wait_until(self.all_idle, 30, "all nodes idle")

    def start_node(self, node):
        """Start a node, or start it again."""
        if self.network:
            self.daemon(node, *self.network.enter(node), "slurmd", "-D", "-N", node)
        else:
            own = f"{SEPARATE.format(host=node)} && exec slurmd -D -N {node}"
            self.daemon(node, *UNSHARE, "--uts", "--mount", "sh", "-c", own)

    def client(self, *command, **options):
        return super().client(*(self.network.enter("switch") if self.network else ()), *command, **options)

    def configuration(self, nodes, cpus):
        folder = self.folder
        if self.network:
            patience = "SlurmdTimeout=10\nKillWait=3"
            controller, port = f"switch({self.network.address('switch')})", 6817
            places = f"NodeAddr={self.network.address('n')}[1-{nodes}] Port=6818"
        else:
            patience = "SlurmdTimeout=300\nMessageTimeout=60\nKillWait=30"
            controller, port = f"{socket.gethostname().split('.')[0]}(127.0.0.1)", free_ports(nodes + 1)
            places = f"NodeAddr=127.0.0.1 Port=[{port + 1}-{port + nodes}]"
        return f"""
ClusterName=wealthsim
SlurmctldHost={controller}
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# cred_expire is also how long a requeued job waits
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
# PMIx makes its folders here: one for each node
TmpFS={folder}/nodetmp/%n
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
# nodes claim CPUs that the machine may not have
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldTimeout=10
{patience}
MinJobAge=600
NodeName=n[1-{nodes}] {places} CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=lab Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

    def all_idle(self):
        if ended := [name for name, daemon in self.daemons.items() if daemon.poll() is not None]:
            raise RuntimeError(f"{', '.join(ended)} ended")
        with contextlib.suppress(AssertionError):  # the controller does not answer yet
            return self.client("sinfo", "-h", "-N", "-o", "%T").split() == ["idle"] * len(self.names)

    def submit(self, script, *arguments, options=(), cwd=None, env=None):
        """Submit a job script with its arguments; returns the job's number."""
        return self.client("sbatch", "--parsable", *options, script, *arguments, cwd=cwd, env=env).strip()

    def job(self, number):
        """What Slurm knows of a job: {"JobState": "RUNNING", "ExitCode": "0:0", …}."""
        return dict(field.split("=", 1) for field in self.client("scontrol", "-o", "show", "job", number).split() if "=" in field)

    def wait(self, number):
        """Until the job is over; returns what Slurm then knows of it."""
        try:
            wait_until(lambda: self.job(number)["JobState"] in FINAL_STATES, HANGS, f"the end of job {number}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.job(number)}\n{self.logs()}") from None
        return self.job(number)
