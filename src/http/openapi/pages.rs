//! The pages of each list, as the reference describes them: they differ in how long they may be.

use utoipa::IntoParams;

/// Pages of campaigns.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as any page")]
pub struct CampaignPages {
    /// Page number; 1 where none is given
    #[param(minimum = 1, maximum = 4_294_967_295_u64, example = 1)]
    page: Option<i64>,
    /// Items per page
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
}

/// Pages of contacts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as any page")]
pub struct ContactPages {
    /// Page number; 1 where none is given
    #[param(minimum = 1, maximum = 4_294_967_295_u64, example = 1)]
    page: Option<i64>,
    /// Items per page; 20 where none is given
    #[param(minimum = 1, maximum = 10_000, example = 20)]
    limit: Option<i64>,
}

/// Pages of what happened to a campaign.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as any page")]
pub struct EventPages {
    /// Page number; 1 where none is given
    #[param(minimum = 1, maximum = 4_294_967_295_u64, example = 1)]
    page: Option<i64>,
    /// Items per page; 20 where none is given
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
}

/// Pages of calls.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as any page")]
pub struct CallPages {
    /// Page number; 1 where none is given
    #[param(minimum = 1, maximum = 4_294_967_295_u64, example = 1)]
    page: Option<i64>,
    /// Items per page; 20 where none is given
    #[param(minimum = 1, maximum = 1_000, example = 20)]
    limit: Option<i64>,
}

/// Pages of conversations.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as any page")]
pub struct ConversationPages {
    /// Page number; 1 where none is given
    #[param(minimum = 1, maximum = 4_294_967_295_u64, example = 1)]
    page: Option<i64>,
    /// Items per page; 20 where none is given
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
}
