//! Contacts as CSV: every good row can be kept, rows are numbered upwards, and a file that we write is read as it was.
#![no_main]

use domain::Region;
use fuzz::contacts::rows::{Row, assert_keepable, from_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let region: Option<Region> = "IN".parse().ok();
    let Ok(rows) = from_csv(text, region) else {
        return;
    };
    let lines = text.split(|byte| matches!(byte, b'\r' | b'\n')).count() as u64;
    let mut last = 0;
    for (number, row) in &rows {
        assert!(
            *number > last && *number <= lines,
            "row {number} after {last} of {lines}"
        );
        last = *number;
        match row {
            Ok(contact) => assert_keepable(contact),
            Err(errors) => assert!(!errors.is_empty(), "a bad row has its reason"),
        }
    }
    written_and_read_again(&rows, region);
});

fn written_and_read_again(rows: &[Row], region: Option<Region>) {
    let good = rows.iter().filter_map(|(_, row)| row.as_ref().ok());
    // Metadata of the sender's own would be columns of their own.
    let good: Vec<_> = good.filter(|contact| contact.metadata.is_none()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = [
        "phoneNumber",
        "name",
        "firstName",
        "lastName",
        "email",
        "timezone",
    ];
    writer.write_record(columns).expect("memory takes all");
    for contact in &good {
        let texts = contact
            .texts
            .iter()
            .map(|text| text.as_deref().unwrap_or_default());
        let record = [contact.phone_number.expose()].into_iter().chain(texts);
        writer.write_record(record).expect("memory takes all");
    }
    let written = writer.into_inner().expect("memory takes all");
    let read = from_csv(&written, region).expect("it names its columns");
    assert_eq!(read.len(), good.len());
    for ((_, read), written) in read.iter().zip(good) {
        assert_eq!(read.as_ref().ok(), Some(written));
    }
}
