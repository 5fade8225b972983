//! What the system says of a running process: time on the processors by thread, memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

/// Time on the processors in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cpu {
    /// In the program.
    pub user_us: f64,
    /// In the system on its behalf.
    pub system_us: f64,
}

impl Cpu {
    /// Both.
    pub fn sum_us(self) -> f64 {
        self.user_us + self.system_us
    }

    /// What was added since.
    pub fn since(self, earlier: Self) -> Self {
        Self { user_us: self.user_us - earlier.user_us, system_us: self.system_us - earlier.system_us }
    }
}

/// A process and what it started (a peer may be a script that starts another program).
#[derive(Clone, Debug)]
pub struct Watched {
    pid: u32,
}

/// The system counts in hundredths of a second whatever the kernel's own tick is (`sysconf(_SC_CLK_TCK)` on Linux).
const TICK_US: f64 = 10_000.0;

impl Watched {
    /// The process with that number.
    pub fn new(pid: u32) -> Self {
        Self { pid }
    }

    /// Time on the processors since its start, its children included.
    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        let mut sum = Cpu::default();
        for pid in self.family() {
            let Ok(cpu) = stat(&PathBuf::from(format!("/proc/{pid}/stat"))) else { continue };
            sum = Cpu { user_us: sum.user_us + cpu.1.user_us, system_us: sum.system_us + cpu.1.system_us };
        }
        Ok(sum)
    }

    /// The same without its children.
    pub fn own_cpu(&self) -> anyhow::Result<Cpu> {
        Ok(stat(&PathBuf::from(format!("/proc/{}/stat", self.pid)))?.1)
    }

    /// The same by the name of the thread; threads of one name (digits at its end aside) are one.
    pub fn threads(&self) -> anyhow::Result<BTreeMap<String, Cpu>> {
        let mut all = BTreeMap::<String, Cpu>::new();
        let tasks = format!("/proc/{}/task", self.pid);
        for task in std::fs::read_dir(&tasks).with_context(|| format!("cannot read {tasks}"))? {
            // A thread may end while we look.
            let Ok((name, cpu)) = stat(&task?.path().join("stat")) else { continue };
            let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned();
            let entry = all.entry(name).or_default();
            *entry = Cpu { user_us: entry.user_us + cpu.user_us, system_us: entry.system_us + cpu.system_us };
        }
        Ok(all)
    }

    /// Bytes in memory now, its children's included.
    pub fn resident_bytes(&self) -> u64 {
        self.family().into_iter().map(|pid| status_bytes(pid, "VmRSS:")).sum()
    }

    /// The most bytes that it ever had in memory.
    pub fn resident_peak_bytes(&self) -> u64 {
        self.family().into_iter().map(|pid| status_bytes(pid, "VmHWM:")).sum()
    }

    /// Itself and its descendants.
    pub fn family(&self) -> Vec<u32> {
        let mut family = vec![self.pid];
        let mut at = 0;
        while let Some(pid) = family.get(at).copied() {
            let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
                at += 1;
                continue;
            };
            for task in tasks.flatten() {
                let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
                family.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
            at += 1;
        }
        family
    }
}

/// Name and time of a process or thread (`proc_pid_stat(5)`: fields 2, 14 and 15).
fn stat(path: &std::path::Path) -> anyhow::Result<(String, Cpu)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (start, end) = (text.find('(').context("no name")?, text.rfind(')').context("no name")?);
    let name = text.get(start + 1..end).unwrap_or_default().to_owned();
    let fields: Vec<&str> = text.get(end + 1..).unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((name, Cpu { user_us: ticks(11) * TICK_US, system_us: ticks(12) * TICK_US }))
}

fn status_bytes(pid: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

/// The machine in one line: processor, cores, memory, system.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let memory = read("/proc/meminfo");
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or("0 kB");
    let gib = total.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0 / 1024.0;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let model = model.trim_start_matches([':', '\t', ' ']);
    format!("{model}, {cores} cores, {gib:.0} GiB, Linux {}", kernel.trim())
}

/// The version that is measured, as git knows it.
pub fn commit() -> String {
    let output = std::process::Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    format!("hooksight {} ({text})", env!("CARGO_PKG_VERSION"))
}

/// Memory that could be had without swapping; 0 when the system does not say.
pub fn available_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Load average over the last minute.
pub fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}
