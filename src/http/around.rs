//! What is done around requests: something before, and something after.
//!
//! As axum's `from_fn`, but nothing within is copied for each request. With several of those, each in the other, what is
//! within the last would be copied by each of them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// Something to do around each request.
pub trait Around: Clone + Send + Sync + 'static {
    /// What is kept of a request until it is answered.
    type Kept: Send + 'static;

    /// Before it is answered; may change it.
    fn before(&self, request: &mut Request) -> Self::Kept;

    /// Once there is an answer, with what was kept. Not called where the request is dropped before.
    fn after(kept: Self::Kept, response: Response) -> After;
}

/// What comes of an answer.
pub enum After {
    /// This, at once.
    Now(Response),
    /// What this comes to.
    Later(BoxFuture<'static, Response>),
}

/// Puts `A` around a service.
#[derive(Clone, Copy, Debug)]
pub struct AroundLayer<A>(pub A);

impl<A: Clone, S> Layer<S> for AroundLayer<A> {
    type Service = AroundService<A, S>;

    fn layer(&self, within: S) -> Self::Service {
        let around = self.0.clone();
        AroundService { around, within }
    }
}

/// A service with `A` around it.
#[derive(Clone, Copy, Debug)]
pub struct AroundService<A, S> {
    around: A,
    within: S,
}

impl<A, S> Service<Request> for AroundService<A, S>
where
    A: Around,
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<A, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.within.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let kept = Some(self.around.before(&mut request));
        let within = self.within.call(request);
        Answering {
            within,
            kept,
            later: None,
        }
    }
}

pin_project! {
    /// A request that is being answered.
    pub struct Answering<A: Around, F> {
        #[pin]
        within: F,
        // Until `within` answered.
        kept: Option<A::Kept>,
        // What comes of that answer.
        later: Option<BoxFuture<'static, Response>>,
    }
}

impl<A, F, R> Future for Answering<A, F>
where
    A: Around,
    F: Future<Output = Result<R, Infallible>>,
    R: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(later) = this.later {
            return later.as_mut().poll(context).map(Ok);
        }
        let Ok(response) = ready!(this.within.poll(context));
        let response = response.into_response();
        let after = match this.kept.take() {
            Some(kept) => A::after(kept, response),
            None => After::Now(response),
        };
        match after {
            After::Now(response) => Poll::Ready(Ok(response)),
            After::Later(later) => this.later.insert(later).as_mut().poll(context).map(Ok),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::{HeaderValue, StatusCode};
    use axum::response::Response;
    use futures::future::{Ready, ready};
    use tower::{ServiceBuilder, ServiceExt, service_fn};

    use super::{After, Around, AroundLayer};

    /// Asks before, and answers after, at once or later.
    #[derive(Clone, Copy)]
    struct Marked {
        name: &'static str,
        is_later: bool,
    }

    impl Around for Marked {
        type Kept = Self;

        fn before(&self, request: &mut Request) -> Self {
            let name = HeaderValue::from_static(self.name);
            request.headers_mut().append("before", name);
            *self
        }

        fn after(kept: Self, mut response: Response) -> After {
            let name = HeaderValue::from_static(kept.name);
            response.headers_mut().append("after", name);
            if kept.is_later {
                return After::Later(Box::pin(async {
                    tokio::task::yield_now().await;
                    response
                }));
            }
            After::Now(response)
        }
    }

    /// Answers with what it was asked with.
    fn echo(request: Request) -> Ready<Result<Response, Infallible>> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.headers_mut() = request.headers().clone();
        ready(Ok(response))
    }

    fn layer(name: &'static str, is_later: bool) -> AroundLayer<Marked> {
        AroundLayer(Marked { name, is_later })
    }

    #[tokio::test]
    async fn what_is_around_sees_the_request_first_and_the_answer_last() {
        let service = ServiceBuilder::new()
            .layer(layer("outside", true))
            .layer(layer("inside", false))
            .service(service_fn(echo));
        let response = service.oneshot(Request::default()).await.unwrap();
        let said = |name: &str| response.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(said("before"), ["outside", "inside"]);
        assert_eq!(said("after"), ["inside", "outside"]);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}
