//! What is promised of one stack is promised of the other.

/// Makes each `async fn claim(stack: Stack)` two tests: `embedded::claim` and `in_production::claim`.
macro_rules! on_both_stacks {
    ($($claim:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $claim() {
                    super::$claim($crate::support::Stack::Embedded).await;
                }
            )+
        }

        mod in_production {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $claim() {
                    super::$claim($crate::support::Stack::Production { workers: 1 }).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_stacks;
