//! The bench in short: everything runs once, with tiny sizes and without thresholds.

use std::process::Command;

#[test]
fn every_scenario_runs() {
    let folder = std::env::temp_dir().join(format!("nexus-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let json = folder.join("bench.json");
    let output = Command::new(env!("CARGO_BIN_EXE_nexus-bench")).arg("--short").arg("--json").arg(&json).output().expect("the bench");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    let figures = std::fs::read_to_string(&json).expect("the figures");
    std::fs::remove_dir_all(&folder).expect("the folder");
    for scenario in ["list", "auth", "movement", "import", "cold", "list_spread", "density", "ready", "sign_up"] {
        assert!(figures.contains(&format!("\"{scenario}.")), "no figure of {scenario}:\n{said}");
    }
}
