//! TLS with a target: the handshake, and whose certificates are believed.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio::time::{Instant as TokioInstant, timeout_at};
use url::Host;

use super::Trust;
use super::stream::Stream;
use super::target::Target;
use crate::domain::exchange::Timing;
use crate::domain::forward::target::Authorities;
use crate::domain::printable::visible_str;
use crate::domain::timing::micros;

/// Shakes hands within `deadline`, and fills in how long that took.
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub(super) async fn handshake(
    target: &Target,
    tcp: TcpStream,
    trust: &Trust,
    deadline: TokioInstant,
    timing: &mut Timing,
) -> Result<Box<dyn Stream>, String> {
    let config = tls_config(trust).await?;
    let name = match &target.host {
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|error| format!("{} for TLS: {error}", target.shown()))?
        }
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    };
    let begun = Instant::now();
    let connecting = tokio_rustls::TlsConnector::from(config).connect(name, tcp);
    let shaken = timeout_at(deadline, connecting).await;
    timing.tls_us = Some(micros(begun.elapsed()));
    match shaken {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(format!(
            "the TLS handshake with {} failed: {}; {}",
            target.shown(),
            visible_str(&error.to_string()),
            tls_advice(&error)
        )),
        Err(_) => Err(format!("the TLS handshake with {} took too long: does it speak https?", target.shown())),
    }
}

fn tls_advice(error: &std::io::Error) -> &'static str {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => "this system does not trust its certificate",
        Some(rustls::Error::InvalidMessage(_)) => "it may speak http, not https, on this port",
        _ => "check that it speaks https on this port",
    }
}

/// The configuration for `trust`. That of the system is made once, off the runtime's threads: it reads the system's
/// certificates.
async fn tls_config(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    static SYSTEM: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
    match trust {
        Trust::System => tokio::task::spawn_blocking(|| SYSTEM.get_or_init(|| make_config(&Trust::System)).clone())
            .await
            .map_err(|error| format!("could not set up TLS: {error}"))?,
        Trust::Authorities(_) | Trust::Named(_) => make_config(trust),
        Trust::Anybody => {
            static ANYBODY: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
            ANYBODY.get_or_init(|| make_config(&Trust::Anybody)).clone()
        }
    }
}

fn make_config(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    let told = |error: rustls::Error| format!("could not set up TLS: {error}; are ca-certificates installed?");
    // The provider is named here, so that a second one in the tree could not make the choice ambiguous at run time.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(told)?;
    let verified = match trust {
        Trust::System => versions.with_platform_verifier().map_err(told)?,
        Trust::Authorities(roots) => versions.with_root_certificates(roots.clone()),
        Trust::Named(named) => {
            let verifier = Believing::named(named, &provider).map_err(|why| {
                format!("could not set up TLS with the certificates of {}: {why}", visible_str(&named.file))
            })?;
            versions.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        Trust::Anybody => {
            let signatures = provider.signature_verification_algorithms;
            versions
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Believing { whom: Whom::Anybody, signatures }))
        }
    };
    let mut config = verified.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Believes whom the user says, but never that somebody has the key of a certificate who has not.
#[derive(Debug)]
struct Believing {
    whom: Whom,
    signatures: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Whom {
    /// Every certificate.
    Anybody,
    /// What the user named: what its authorities signed for the name that is asked for, and a certificate that is itself among them. That
    /// one may name anybody, and may say that it is an authority, as self-signed ones do: the user meant it.
    Named { authorities: Arc<WebPkiServerVerifier>, exact: Vec<CertificateDer<'static>> },
}

impl Believing {
    fn named(named: &Authorities, provider: &Arc<CryptoProvider>) -> Result<Self, String> {
        let exact: Vec<_> = named.certificates.iter().map(|one| CertificateDer::from(one.to_vec())).collect();
        let mut roots = RootCertStore::empty();
        for certificate in &exact {
            roots.add(certificate.clone()).map_err(|error| error.to_string())?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let authorities = builder.build().map_err(|error| error.to_string())?;
        let signatures = provider.signature_verification_algorithms;
        Ok(Self { whom: Whom::Named { authorities, exact }, signatures })
    }
}

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.whom {
            Whom::Named { authorities, exact } if !exact.contains(certificate) => {
                authorities.verify_server_cert(certificate, between, name, ocsp, now)
            }
            Whom::Anybody | Whom::Named { .. } => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.signatures)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.signatures)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_schemes()
    }
}
