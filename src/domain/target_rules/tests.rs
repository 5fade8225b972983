use super::*;

fn zone(text: &str) -> Zone {
    Zone::of(text.parse().unwrap())
}

fn at(addresses: &[&str]) -> Vec<SocketAddr> {
    addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 80)).collect()
}

fn ips(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

#[test]
fn every_address_has_its_zone_however_it_is_written() {
    for address in ["127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(zone(address), Zone::Loopback, "{address}");
    }
    // These leave this machine.
    for address in [
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2002:7fab:cdef::1",
        "::7f00:1",
        "::7f00:2",
        "::ffff:0:7f00:1",
        "2001:db8::5efe:7f00:1",
    ] {
        assert!(matches!(zone(address), Zone::Forbidden(why) if why.contains("loopback")), "{address}");
    }
    for name in ["localhost", "LocalHost.", "a.localhost", "a.b.localhost."] {
        assert!(is_localhost(name), "{name}");
    }
    for name in ["localhost.example", "alocalhost", "", ".", "localhost.."] {
        assert!(!is_localhost(name), "{name}");
    }
    for address in [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd00:ec2::253",
        "fd00:c1::a9fe:a9fe",
        "fd00:a9fe:a9fe::1",
        "fd00:42::42",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        // RFC 6052 section 2.2: prefixes of 48, 56 and 64 bits.
        "64:ff9b:1:a9fe:a9:fe00:808:808",
        "64:ff9b:1:c0a9:fe:a9fe::",
        "64:ff9b:1:7:a9:fea9:fe00::",
        "2002:a9fe:a9fe::1",
        // RFC 2765 section 2.1, RFC 5214 section 6.1, RFC 4380 section 4: server, and client with all bits turned.
        "::ffff:0:169.254.169.254",
        "2001:db8::5efe:169.254.169.254",
        "2a00::200:5efe:169.254.169.254",
        "fc00::5efe:100.100.100.200",
        "2001:0:a9fe:a9fe::",
        "2001:0:808:808:0:0:5601:5601",
        "::ffff:100.100.100.200",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
    ] {
        assert!(matches!(zone(address), Zone::Forbidden(_)), "{address}: {:?}", zone(address));
    }
    for address in [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "fd00:ec3::254",
        "fd00:42::43",
        "fc00::1",
        "fec0::1",
        "::ffff:10.0.0.1",
    ] {
        assert_eq!(zone(address), Zone::Private, "{address}");
    }
    for (address, words) in [
        ("192.0.2.1", "documentation"),
        ("198.51.100.7", "documentation"),
        ("203.0.113.9", "documentation"),
        ("2001:db8::1", "documentation"),
        ("3fff:123::1", "documentation"),
        ("198.19.0.1", "benchmarks"),
        ("2001:2::1", "benchmarks"),
        ("192.0.0.8", "protocols"),
    ] {
        assert!(matches!(zone(address), Zone::SetAside(_)), "{address}: {:?}", zone(address));
        assert!(zone(address).words().contains(words), "{address}: {}", zone(address).words());
    }
    for address in [
        "8.8.8.8",
        "169.253.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1",
        "64:ff9b::808:808",
        "::ffff:0:808:808",
        "2a00::5efe:808:808",
        "2001:0:808:808:0:0:f7f7:f7f7",
        "2a00::5efe:0:1",
        "64:ff9b:1::808:808",
    ] {
        assert_eq!(zone(address), Zone::Public, "{address}");
    }
}

#[test]
fn this_machine_needs_no_name_and_others_do() {
    let rules = TargetRules::default();
    assert_eq!(rules.decide("localhost", &at(&["127.0.0.1", "::1"]), None), Decision::Go(at(&["127.0.0.1", "::1"])));
    assert_eq!(rules.decide("app.example", &at(&["8.8.8.8"]), None), Decision::Ask(at(&["8.8.8.8"])));
    // A name that is both goes where nobody has to be asked.
    assert_eq!(rules.decide("both", &at(&["8.8.8.8", "127.0.0.1"]), None), Decision::Go(at(&["127.0.0.1"])));
    assert!(matches!(rules.decide("nothing", &[], None), Decision::Refuse(words) if words.contains("no address")));
}

#[test]
fn what_is_forbidden_stays_so_whatever_names_it() {
    let approval = Approval { host: "meta".into(), addresses: ips(&["169.254.169.254"]), remember: true };
    let named = ["meta", "169.254.169.254", "169.254.0.0/16", "0.0.0.0/0"].map(|text| text.parse().unwrap()).to_vec();
    let rules = TargetRules { named, approved: vec![approval] };
    let Decision::Refuse(words) = rules.decide("meta", &at(&["169.254.169.254"]), None) else { panic!("let through") };
    assert_eq!(
        words,
        "refused to send to meta: 169.254.169.254 is a link-local address, where cloud machines keep their credentials; \
         use another address of the target"
    );
    assert_eq!(rules.decide("meta", &at(&["169.254.169.254", "8.8.8.8"]), None), Decision::Go(at(&["8.8.8.8"])));
}

#[test]
fn the_configuration_names_hosts_and_networks() {
    let goes = |named: &str, host: &str, address: &str| {
        let rules = TargetRules { named: vec![named.parse().unwrap()], ..TargetRules::default() };
        matches!(rules.decide(host, &at(&[address]), None), Decision::Go(_))
    };
    assert!(goes("Staging.Example.com", "staging.example.COM.", "8.8.8.8"));
    assert!(!goes("example.com", "staging.example.com", "8.8.8.8"));
    assert!(goes("*.example.com", "a.b.example.com", "10.1.1.1"));
    assert!(!goes("*.example.com", "example.com", "8.8.8.8") && !goes("*.example.com", "badexample.com", "8.8.8.8"));
    assert!(goes("10.0.0.0/8", "anything", "10.255.0.1") && !goes("10.0.0.0/8", "anything", "11.0.0.1"));
    assert!(goes("10.0.0.0/8", "anything", "::ffff:10.1.1.1"));
    assert!(goes("fd12::/16", "anything", "fd12:3::1") && !goes("fd12::/16", "anything", "fd13::1"));
    assert!(goes("10.1.2.3", "10.1.2.3", "10.1.2.3") && !goes("10.1.2.3", "10.1.2.3", "10.1.2.4"));
    assert!(goes("0.0.0.0/0", "anything", "8.8.8.8") && !goes("0.0.0.0/0", "anything", "2606:4700::1"));
    for wrong in ["", "*", "*.", "http://a", "a:80", "10.0.0.0/33", "fd::/129", "10.0.0/8", "a b", "a/b"] {
        assert!(wrong.parse::<Named>().is_err(), "{wrong:?}");
    }
    assert_eq!(Named::of_host("[fd12::1]"), "fd12::1".parse().unwrap());
}

#[test]
fn a_yes_holds_for_the_addresses_that_were_shown() {
    let once = Approval { host: "app.example".into(), addresses: ips(&["8.8.8.8"]), remember: false };
    let decide = |rules: &TargetRules, address: &str, once: Option<&Approval>| {
        matches!(rules.decide("app.example", &at(&[address]), once), Decision::Go(_))
    };
    let none = TargetRules::default();
    assert!(decide(&none, "8.8.8.8", Some(&once)));
    assert!(!decide(&none, "8.8.4.4", Some(&once)), "another address than the one that was shown");
    let kept = TargetRules { approved: vec![Approval { remember: true, ..once.clone() }], ..TargetRules::default() };
    assert!(decide(&kept, "8.8.8.8", None) && decide(&kept, "8.8.4.4", None), "hosts on the internet move");
    assert!(!decide(&kept, "192.168.1.1", None), "but not into a private network");
    assert!(matches!(kept.decide("other.example", &at(&["8.8.8.8"]), None), Decision::Ask(_)));
    let private = Approval { host: "nas".into(), addresses: ips(&["192.168.1.9"]), remember: true };
    let kept = TargetRules { approved: vec![private], ..TargetRules::default() };
    assert!(matches!(kept.decide("nas", &at(&["192.168.1.9"]), None), Decision::Go(_)));
    assert!(matches!(kept.decide("nas", &at(&["192.168.1.1"]), None), Decision::Ask(_)));
}

#[test]
fn a_name_is_looked_up_only_when_it_is_local_named_or_said() {
    let rules = TargetRules {
        named: vec!["app.example".parse().unwrap(), "*.test.example".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
        approved: vec![Approval { host: "Said.example".into(), addresses: Vec::new(), remember: true }],
    };
    for name in ["localhost", "a.localhost", "APP.example.", "x.test.example", "said.example"] {
        assert!(rules.may_look_up(name, None), "{name}");
    }
    let once = Approval { host: "once.example".into(), addresses: Vec::new(), remember: false };
    assert!(rules.may_look_up("once.example", Some(&once)) && !rules.may_look_up("once.example", None));
    assert!(!rules.may_look_up("test.example", None) && !rules.may_look_up("notlocalhost", None));
    // A yes to a name is a yes to the internet, not to what is behind the own firewall.
    let decide = |address: &str| rules.decide("once.example", &at(&[address]), Some(&once));
    assert!(matches!(decide("8.8.8.8"), Decision::Go(_)) && matches!(decide("192.168.1.1"), Decision::Ask(_)));
    assert!(matches!(decide("192.0.2.1"), Decision::Ask(_)));
}

#[test]
fn hosts_are_compared_without_port_case_and_last_dot() {
    for (authority, host) in
        [("Hooks.Example:8080", "hooks.example"), ("a.b.", "a.b"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("", "")]
    {
        assert_eq!(host_of(authority), host);
    }
}
