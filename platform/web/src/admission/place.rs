//! One request's place: taken at the door, given back while the client is waited for, and when the answer is ready.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest};
use ipnet::IpNet;
use nexus_core::{Problem, TenantId};
use tokio::sync::OwnedSemaphorePermit;

use super::arrivals::Arriving;
use super::senders::Sender;
use super::unsent::Leaving;
use super::{Admission, Refused};
use crate::client::{self, ClientAddress};
use crate::identity;

/// A body that comes within this time does not cost the place: most come together with the head of the request.
const AT_ONCE: Duration = Duration::from_millis(50);

/// In the extensions of a request that was let in and refused afterwards, because too much is asked for.
pub(crate) struct Shed;

/// A place, in the request's extensions, so that whoever waits for the client finds it.
#[derive(Clone)]
pub(crate) struct Place(Rc<Inner>);

struct Inner {
    admission: Arc<Admission>,
    held: RefCell<Held>,
}

#[derive(Default)]
struct Held {
    place: Option<OwnedSemaphorePermit>,
    tenant: Option<TenantId>,
    /// Counted among those who wait for their clients.
    arriving: Option<Arriving>,
}

impl Place {
    /// Takes a place for a request.
    pub(crate) async fn take(admission: &Arc<Admission>) -> Result<Self, Problem> {
        let place = admission.enter().await.map_err(|why| admission.refuse(why))?;
        let held = RefCell::new(Held { place: Some(place), ..Held::default() });
        Ok(Self(Rc::new(Inner { admission: Arc::clone(admission), held })))
    }

    fn of(req: &HttpRequest) -> Option<Self> {
        req.extensions().get::<Self>().cloned()
    }

    /// Gives everything back, whoever still holds a clone.
    pub(crate) fn leave(&self) {
        let held = self.0.held.take();
        if let Some(tenant) = held.tenant {
            self.0.admission.shares.remove(tenant);
        }
    }

    fn enter_share(&self, tenant: TenantId) -> Result<(), Problem> {
        let Inner { admission, held } = &*self.0;
        if held.borrow().tenant.is_some() {
            return Ok(());
        }
        let count = admission.shares.add(tenant);
        held.borrow_mut().tenant = Some(tenant);
        if admission.has_room_for(count) { Ok(()) } else { Err(admission.refuse(Refused::TenantShare)) }
    }

    /// Gives the place back, for as long as the client is waited for. `network`: where it sends from.
    fn step_out(&self, network: Option<IpNet>) -> Result<(), Problem> {
        let Inner { admission, held } = &*self.0;
        let mut held = held.borrow_mut();
        if held.place.is_none() || held.arriving.is_some() {
            return Ok(());
        }
        let sender = held.tenant.map_or(Sender::Stranger(network), Sender::Tenant);
        held.arriving = Some(admission.arrivals.begin(sender).map_err(|why| admission.refuse(why))?);
        held.place = None;
        Ok(())
    }

    /// Takes a place again. Those who were in already don't stand behind a full queue: their number is bounded, and so is the wait.
    async fn step_in(&self) -> Result<(), Problem> {
        let Inner { admission, held } = &*self.0;
        if held.borrow().arriving.is_none() {
            return Ok(());
        }
        let place = admission.wait().await.map_err(|why| admission.refuse(why))?;
        let mut held = held.borrow_mut();
        held.arriving = None;
        held.place = Some(place);
        Ok(())
    }
}

/// Counts a request to the organization it turned out to be of.
///
/// # Errors
/// 503 when the organization has as many requests under way as are let in now.
pub(crate) fn enter_share(req: &HttpRequest, tenant: TenantId) -> Result<(), Problem> {
    Place::of(req).map_or(Ok(()), |place| place.enter_share(tenant)).inspect_err(|_| shed(req))
}

/// Leaves word that the request was refused for want of room.
fn shed(req: &HttpRequest) {
    req.extensions_mut().insert(Shed);
}

/// Reads a body: `reading` waits for the client, and if that takes a while, the place is somebody else's meanwhile.
///
/// # Errors
/// 503 when too many bodies are waited for, of this sender or in all, or when there is no place again in time.
pub(crate) async fn arriving<T>(req: &HttpRequest, reading: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let Some(place) = Place::of(req) else { return reading.await };
    let mut reading = std::pin::pin!(reading);
    if let Ok(read) = tokio::time::timeout(AT_ONCE, &mut reading).await {
        return read;
    }
    place.step_out(network_of(req)).inspect_err(|_| shed(req))?;
    let read = reading.await?;
    place.step_in().await.inspect_err(|_| shed(req))?;
    Ok(read)
}

/// Counts an answer of so many bytes to whom it is for, until it is sent. `owed`: it is given in any case.
///
/// # Errors
/// 503 when too much waits for this client's organization already.
pub(crate) fn leaving(req: &HttpRequest, bytes: usize, owed: bool) -> Result<Option<Leaving>, Problem> {
    let Some(Place(inner)) = Place::of(req) else { return Ok(None) };
    let sender = identity::tenant_of(req).map_or_else(|| Sender::Stranger(network_of(req)), Sender::Tenant);
    let begun = inner.admission.unsent.begin(sender, bytes, owed);
    begun.map(Some).map_err(|why| inner.admission.refuse(why)).inspect_err(|_| shed(req))
}

fn network_of(req: &HttpRequest) -> Option<IpNet> {
    req.extensions().get::<ClientAddress>().map(|address| client::network(address.0))
}

/// An upload takes minutes and has a bound of its own: it gives its place back for good.
pub(crate) fn upload(req: &HttpRequest) {
    if let Some(place) = Place::of(req) {
        place.0.held.borrow_mut().place = None;
    }
}
