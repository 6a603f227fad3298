"""Everybody else in the demonstration: scenery, with the names people in Belgium have."""

from dataclasses import replace

from rolemgmt.demo.cast import CAST, DemoPerson
from rolemgmt.demo.numbers import BIS_FROM
from tenants.folding import fold

_FIRST_INDEX = 100
_REGISTER_INDEX = 1_000

# Given name | family name | language | where and as what (see cast.py)
_SCENERY = """
Noël | Hellemans | fr | dubois employee
Fatima | Bouzidi | fr | dubois employee
Jean-Pierre | Lecomte | fr | dubois former
Emma | Van Damme | nl | dubois employee
Luc | Peeters | fr | peeters representative
Albert | Peeters | fr | peeters former_chief former
Hélène | Gillain | fr | peeters employee FINANCE
Mehmet | Demir | fr | peeters employee
Anne-Sophie | Delvaux | fr | peeters employee ending_co_chief
Giulia | Ferrari | fr | peeters employee
Benoît | Lejeune | fr | peeters employee
Chantal | N’Zambi | fr | peeters employee
Jürgen | Pauels | de | eupen representative
Björn | Hilgers | de | eupen employee
Aylin | Kaya | de | eupen employee
Stéphanie | Radermacher | de | eupen employee
Günther | Mießen | de | eupen employee
Bart | Verstraeten | nl | hop representative
Els | Van den Broeck | nl | hop employee chief
Pieter-Jan | De Wolf | nl | hop employee co_chief
Youssef | Benali | nl | hop employee FINANCE
Liesbeth | Goossens | nl | hop employee FINANCE
Koen | Maes | nl | hop employee ENERGY
Amélie | Fontaine | fr | hop employee
Kofi | Mensah | en | hop employee
Jef | ’t Kindt | nl | hop employee
Ilse | Wouters | nl | hop employee
Dries | D’Hondt | nl | hop employee
Hilde | Vermeulen | nl | linden representative
Frank | Willems | nl | linden representative
Katrien | De Backer | nl | linden employee chief
Mohamed | El Khattabi | nl | linden employee co_chief
Griet | Jacobs | nl | linden employee FINANCE
Wim | Van der Auwera | nl | linden employee ENERGY
Saïda | Ouali | nl | linden employee CYBERSECURITY
Bram | Lemmens | nl | linden employee ECONOMY INVOICING
An | Mertens | nl | linden employee
Nele | Claeys | nl | linden employee
Zeynep | Arslan | nl | linden employee
Joris | Pauwels | nl | linden employee
Marleen | Hendrickx | nl | linden employee
Tuur | Vandenberghe | nl | linden employee
Agnieszka | Nowak | nl | linden employee
Lotte | Michiels | nl | linden employee
Rachid | Amrani | nl | linden employee
Veerle | Segers | nl | linden employee
Stijn | Cools | nl | linden employee
Marie-Claire | Mukendi | fr | linden employee
Hanne | Smets | nl | linden employee
Geert | Van Hove | nl | linden employee
Sarah | Aerts | nl | linden employee
Emre | Yıldız | nl | linden employee
Inge | Bogaerts | nl | linden employee
Thomas | Van de Velde | nl | linden employee
Fien | Martens | nl | linden employee
Dirk | Desmedt | nl | linden employee
Karima | Haddad | nl | linden employee
Jan | Peeters | nl | linden employee
Sofia | Romano | nl | linden employee
Luk | Thijs | nl | linden employee
Annelies | Vos | nl | linden employee
Philippe | Grégoire | fr | meuse representative chief
Nathalie | Kabongo | fr | meuse employee co_chief
Marie | Dupont | fr | meuse employee FINANCE
François | Dumoulin | fr | meuse employee
Rosaria | Esposito | fr | meuse employee
Loïc | Piron | fr | meuse employee
Hafsa | Bakkali | fr | meuse employee
Joëlle | Servais | fr | meuse employee
Marie | Dupont | fr | mbuyi employee
Gérard | Lemaire | fr | lemaire representative chief
Vincent | Lemaire | fr | lemaire employee co_chief
Aurélie | Descamps | fr | lemaire employee FINANCE
Salvatore | Greco | fr | lemaire employee
Rudi | Vandersteen | nl | vandersteen representative chief
Kristel | Baert | nl | vandersteen employee
Bénédicte | Charlier | fr | ateliers representative
Abdelkader | Ziani | fr | ateliers employee
Cécile | Hubert | fr | ateliers employee
Pauline | Matagne | fr | ateliers employee
Johan | Van Hoecke | nl | hogebeek representative
Tine | De Ridder | nl | hogebeek employee chief
Stefaan | Blomme | nl | hogebeek employee FINANCE
Naïma | Chaoui | nl | hogebeek employee JUSTICE
Eline | Rottiers | nl | hogebeek employee
Karel | De Meyer | nl | hogebeek employee
Selin | Yılmaz | nl | yilmaz representative chief
Greet | Aerts | nl | yilmaz representative co_chief
Jolien | Van Gestel | nl | yilmaz employee
Hassan | El Amrani | nl | elamrani representative chief
Ikram | El Amrani | nl | elamrani employee co_chief
Tomasz | Kamiński | nl | elamrani employee
Danny | Geerts | nl | elamrani employee
Helmut | Schröder | de | holzbau representative chief
Marlène | Thelen | de | holzbau employee FINANCE
Jörg | Küpper | de | holzbau employee
Rita | Heinen | de | holzbau employee
Isabelle | Van Nieuwenhove | fr | terrepain representative
Grégory | Mathieu | fr | terrepain employee chief
Lucie | Servranckx | fr | terrepain employee
Dieudonné | Mbuyi | fr | mbuyi representative chief
Grâce | Ilunga | fr | mbuyi employee co_chief
Lieven | Van den Broeck | nl | notaris representative chief
Charlotte | D’Hondt | nl | notaris representative co_chief
Ruben | De Clercq | nl | notaris employee FINANCE
Marek | Kowalski | fr | kowalski representative chief
Ewa | Kowalska | fr | kowalski employee
Anne-Marie | Bodart | fr | logement representative
Xavier | de Halleux | fr | logement employee chief
Doris | Von den Driesch | de | logement employee ENERGY INVOICING
Siobhán | O’Connor | en | logement employee FINANCE
"""

# Not in the portal yet: the pretend National Register knows them, so they can sign in for the first time.
_REGISTER_ONLY = """
Nora | Vandenbroucke | nl
Mathéo | Renard | fr
Leyla | Özdemir | nl
Heinz-Peter | Offermann | de
Joséphine | Tshibangu | fr
Wout | Van Cauwenberghe | nl
Chiara | Bianchi | fr
Ruth | Plumanns | de
"""

# Directors from abroad have a bis number.
_WITH_BIS_NUMBER = {("Siobhán", "O’Connor"), ("Kofi", "Mensah")}


def _read(table: str, first_index: int) -> list[DemoPerson]:
    people = []
    for place, line in enumerate(table.strip().splitlines()):
        given, family, language, at = (cell.strip() for cell in f"{line} |".split("|")[:4])
        index = first_index + place
        if (given, family) in _WITH_BIS_NUMBER:
            index += BIS_FROM
        people.append(DemoPerson(given, family, language, at, index))
    return people


def _with_addresses(people: list[DemoPerson], domains: dict[str, str]) -> list[DemoPerson]:
    """Give everybody an address of the first organisation; namesakes get a number."""
    taken: set[str] = set()
    result = []
    for person in people:
        slug = person.functions[0][0] if person.functions else ""
        words = [fold(name).replace(" ", "") for name in (person.given_name, person.family_name)]
        local, domain = ".".join(words), domains.get(slug, "post.example")
        number, address = 1, f"{local}@{domain}"
        while address in taken:
            number += 1
            address = f"{local}{number}@{domain}"
        taken.add(address)
        result.append(replace(person, email=address))
    return result


def known_people(domains: dict[str, str]) -> list[DemoPerson]:
    """Return the people the portal knows, the cast first. `domains` are the mail domains by organisation."""
    return [*CAST, *_with_addresses(_read(_SCENERY, _FIRST_INDEX), domains)]


def register_only() -> list[DemoPerson]:
    """Return the people whom only the pretend National Register knows."""
    return _with_addresses(_read(_REGISTER_ONLY, _REGISTER_INDEX), {})
