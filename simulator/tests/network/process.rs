//! The binary: one line when it is ready, and an orderly end.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

#[tokio::test]
async fn the_binary_says_where_it_is_and_stops_when_told() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dialer-simulator"))
        .args([
            "--seed",
            "7",
            "--time-scale",
            "10",
            "--numbers",
            "+12025550111,+12025550112,+918012345678=exotel",
            "--exotel-account-sid",
            "acme1",
            "--exotel-numbers",
            "+918012345678",
        ])
        // Old accounts use their SID for a key.
        .env("SIMULATOR_EXOTEL_API_KEY", "acme1")
        .env("SIMULATOR_ELEVENLABS_API_KEY", "xi-other")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let url = line.rsplit(' ').next().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let record: Value = http
        .get(format!("{url}/_simulator/record"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(record["requests"], 0);
    let numbers = http.get(format!("{url}/v1/convai/phone-numbers"));
    let numbers = numbers
        .header("xi-api-key", "xi-other")
        .send()
        .await
        .unwrap();
    let numbers: Value = numbers.json().await.unwrap();
    assert_eq!(numbers[1]["phone_number"], "+12025550112");
    assert_eq!(numbers[1]["provider"], "sip_trunk");
    assert_eq!(numbers[2]["provider"], "exotel");

    let exophones = http.get(format!("{url}/v2_beta/Accounts/acme1/IncomingPhoneNumbers"));
    let exophones = exophones
        .basic_auth("acme1", Some("token-simulator"))
        .send()
        .await
        .unwrap();
    let exophones: Value = exophones.json().await.unwrap();
    let exophones = &exophones["incoming_phone_numbers"];
    assert_eq!(exophones[0]["phone_number"], "+918012345678");
    let asked = http.get(format!("{url}/_simulator/transcriptions"));
    let asked: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(asked["max_concurrent"], 0);

    let id = child.id().unwrap().to_string();
    let killed = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .await
        .unwrap();
    assert!(killed.success());
    let status = child.wait().await.unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused_in_words() {
    let output = Command::new(env!("CARGO_BIN_EXE_dialer-simulator"))
        .args(["--time-scale", "0"])
        .output()
        .await
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("time_scale must be above zero"));
}
