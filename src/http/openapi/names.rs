//! Gives every operation a name of its own: generators of clients make functions of them.

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::HttpMethod;

use super::operations;

/// Names operations after method and address, e.g. `getCampaignsByIdContactsV1`.
pub(super) fn give(document: &mut OpenApi) {
    for (path, method, operation) in operations(document) {
        operation.operation_id = Some(name(&method, &path));
    }
}

fn name(method: &HttpMethod, path: &str) -> String {
    let mut name = match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        HttpMethod::Delete => "delete",
        HttpMethod::Options => "options",
        HttpMethod::Head => "head",
        HttpMethod::Trace => "trace",
    }
    .to_owned();
    let mut generation = "";
    for part in path.split('/') {
        match part {
            "" | "api" => {}
            "v1" => generation = "V1",
            part => match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                Some(parameter) => {
                    name.push_str("By");
                    name.push_str(&capitalised(parameter));
                }
                None => part
                    .split('-')
                    .for_each(|word| name.push_str(&capitalised(word))),
            },
        }
    }
    name + generation
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_method_address_and_generation() {
        let path = "/api/v1/campaigns/{id}/contacts";
        assert_eq!(name(&HttpMethod::Get, path), "getCampaignsByIdContactsV1");
        let path = "/api/campaigns/{id}/voicemail-analysis";
        assert_eq!(
            name(&HttpMethod::Put, path),
            "putCampaignsByIdVoicemailAnalysis"
        );
    }
}
